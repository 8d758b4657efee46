import { parseCheckpoint, type Checkpoint } from './checkpoint';
import type { Checked } from './log-fault';
import { isOwnName } from './log-origin';
import { parseNote, verifyNote } from './signed-note';
import { quorumTime, type TrustedKey, type TrustPolicy } from './trust-policy';
import type { VerifierKey } from './verifier-key';

/** A checkpoint that is signed as a policy demands. */
export interface OpenedCheckpoint {
  readonly checkpoint: Checkpoint;
  /** The keys of the log that signed it. */
  readonly signers: readonly VerifierKey[];
  /** When each witness cosigned it: name in the policy, seconds since 1970. */
  readonly cosigned: ReadonlyMap<string, number>;
  /** When the quorum had cosigned it, in seconds since 1970; Infinity where the policy asks for none. */
  readonly witnessedAt: number;
}

/**
 * Opens a checkpoint that a log of the policy signed, whose key has the checkpoint's origin as its name (tlog-policy, "Defining a
 * log"), and that the quorum cosigned. Signatures of keys that the policy does not trust for a log of this size are ignored; one
 * that does not hold, of a key that it does trust, refuses the checkpoint.
 */
export function openCheckpoint(bytes: Buffer, policy: TrustPolicy): Checked<OpenedCheckpoint> {
  const note = parseNote(bytes);
  if (note.fault !== undefined) return note;
  const parsed = parseCheckpoint(note.value.text);
  if (parsed.fault !== undefined) return parsed;
  const { origin, size } = parsed.value;
  const trusted = (keys: readonly TrustedKey[]): readonly VerifierKey[] =>
    keys.filter(({ above, upTo }) => above < size && size <= upTo).map(({ key }) => key);
  const logs = trusted(policy.logs).filter(({ name }) => name === origin);
  const witnesses = [...policy.witnesses.values()].map(({ name, keys }) => ({ name, keys: trusted(keys) }));
  const verified = verifyNote(note.value, [...logs, ...witnesses.flatMap(({ keys }) => keys)]);
  if (verified.fault !== undefined) return verified;
  const signers = logs.filter((key) => verified.value.some((each) => each.key === key));
  if (signers.length === 0) return { fault: 'log_signature_missing' };
  const cosigned = new Map<string, number>();
  for (const { name, keys } of witnesses) {
    const times = verified.value.filter(({ key }) => keys.includes(key)).map(({ time = 0 }) => time);
    if (times.length > 0) cosigned.set(name, Math.max(...times));
  }
  const witnessedAt = quorumTime(policy, (name) => cosigned.get(name));
  if (witnessedAt === undefined) return { fault: 'quorum_missing' };
  return { value: { checkpoint: parsed.value, signers, cosigned, witnessedAt } };
}

/**
 * Whether the policy can be met without anybody outside: by the log and witnesses that are named after it. Then one account's
 * administrator can sign all that the policy asks for.
 */
export const isOneAccount = (policy: TrustPolicy, origin: string): boolean =>
  quorumTime(policy, (name) =>
    policy.witnesses.get(name)?.keys.every(({ key }) => isOwnName(key.name, origin)) === true ? 0 : undefined,
  ) !== undefined;
