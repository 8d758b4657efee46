import type { VerifierKey } from './verifier-key';

/** A key, and the sizes of checkpoints on which it is trusted: above one and up to another. A hand-over sets them. */
export interface TrustedKey {
  readonly key: VerifierKey;
  readonly above: number;
  readonly upTo: number;
}

/** A witness has more than one key only after a hand-over. */
export interface Witness {
  readonly name: string;
  readonly keys: readonly TrustedKey[];
}

/** Reached when so many of its members have cosigned. Members are names of witnesses and of groups. */
export interface WitnessGroup {
  readonly name: string;
  readonly threshold: number;
  readonly members: readonly string[];
}

/** Who must have signed a checkpoint (tlog-policy): one of the logs, and witnesses by the quorum. */
export interface TrustPolicy {
  readonly logs: readonly TrustedKey[];
  readonly witnesses: ReadonlyMap<string, Witness>;
  readonly groups: ReadonlyMap<string, WitnessGroup>;
  /** Name of a witness or a group; undefined for `quorum none`. */
  readonly quorum: string | undefined;
}

/**
 * The time by which the quorum had cosigned, from the times of witnesses: the latest at which a checkpoint can have been replaced
 * unnoticed.
 *
 * @param timeOf when a witness cosigned, in seconds since 1970; undefined if it did not
 * @returns undefined if the quorum is not reached; Infinity if none is asked for
 */
export function quorumTime(
  { groups, quorum }: TrustPolicy,
  timeOf: (witness: string) => number | undefined,
): number | undefined {
  const reached = (name: string): number | undefined => {
    const group = groups.get(name);
    if (group === undefined) return timeOf(name);
    const times = group.members.map(reached).filter((time) => time !== undefined);
    return times.toSorted((a, b) => b - a)[group.threshold - 1];
  };
  return quorum === undefined ? Infinity : reached(quorum);
}
