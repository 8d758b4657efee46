import { followHandOvers } from './follow-hand-overs';
import type { LogFiles } from './ports/log-files';
import type { SigningPair } from './signing-pair';
import type { TrustedKey, TrustPolicy } from './trust-policy';
import { isSameKey, type VerifierKey } from './verifier-key';

/** Which keys may sign a log at which size, by the hand-overs that stand in it. */
export interface KeySuccession {
  /** Whether a key may sign a checkpoint of so many entries. */
  maySign(key: VerifierKey, size: number): boolean;
  /** Whether a key has handed over: it signs nothing that is larger. */
  hasHandedOver(key: VerifierKey): boolean;
}

const always = (key: VerifierKey): TrustedKey => ({ key, above: -1, upTo: Infinity });

/**
 * Follows the hand-overs of a log from its oldest keys on, as whoever verifies does. A newer key may sign only what is larger than
 * the place at which an older one has handed over to it: whoever has the newer key alone gets nothing by it.
 *
 * @param pairs oldest first, at least one
 * @throws what a port throws
 */
export async function readSuccession(
  files: LogFiles,
  [oldest]: readonly [SigningPair, ...SigningPair[]],
): Promise<KeySuccession> {
  const root: TrustPolicy = {
    logs: [always(oldest.log.key)],
    witnesses: new Map([['own', { name: 'own', keys: [always(oldest.cosigner.key)] }]]),
    groups: new Map(),
    quorum: undefined,
  };
  const { policy } = await followHandOvers(files, root);
  const of = (key: VerifierKey): TrustedKey | undefined => policy.logs.find((each) => isSameKey(each.key, key));
  return {
    maySign: (key, size) => {
      const trusted = of(key);
      return trusted !== undefined && trusted.above < size && size <= trusted.upTo;
    },
    hasHandedOver: (key) => policy.logs.some((each) => isSameKey(each.key, key) && each.upTo < Infinity),
  };
}
