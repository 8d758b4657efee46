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
  const opened = [signers, ...heirs].map((pair) => ({ pair, state: openState(bytes, pair.log) }));
  const found = opened.find(({ state }) => state.fault === undefined) ?? opened[0];
  if (found?.state.value === undefined) return { fault: found?.state.fault ?? 'state_form' };
  return { value: { state: found.state.value, signers: found.pair } };
}
