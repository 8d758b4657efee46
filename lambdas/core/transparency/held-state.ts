import type { Checked } from './log-fault';
import type { PublishedCheckpoint } from './published-checkpoint';
import type { PublisherState } from './publisher-state';
import { openState } from './signed-state';
import { pairsOf, type LogSigners, type SigningPair } from './signing-pair';

export interface HeldState {
  readonly state: PublisherState;
  /** The keys that signed it. */
  readonly signers: SigningPair;
}

/** A state signed by the keys of the checkpoint, or by keys to which these have handed over. */
export function openHeldState(
  bytes: Buffer,
  { tree, signers, succession }: PublishedCheckpoint,
  all: LogSigners,
): Checked<HeldState> {
  const pairs = pairsOf(all);
  const heirs = pairs.slice(pairs.indexOf(signers) + 1).filter(({ log }) => succession.maySign(log.key, tree.size));
  const opened = openState(bytes, signers.log);
  if (opened.fault === undefined) return { value: { state: opened.value, signers } };
  const [found] = heirs.flatMap((pair): readonly HeldState[] => {
    const { value } = openState(bytes, pair.log);
    return value === undefined ? [] : [{ state: value, signers: pair }];
  });
  return found === undefined ? opened : { value: found };
}
