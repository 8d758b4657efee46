import { AUDIT_NONCE_BYTES } from '../contract/limits';
import { decodeCanonicalBase64 } from '../crypto/canonical-base64';
import type { Randomness } from '../crypto/randomness';
import { newTimedId, timeOfId } from '../crypto/timed-id';
import type { Clock } from '../ports/clock';
import { newAuditEvent, type AuditEvent } from './audit-event';

/**
 * What a log stores of an event: the event and its nonce, 32 random bytes in base64. The nonce hides the event in what is published
 * of it (docs/format.md, "Audit events"), so it stands in the record alone: no reader returns it, and no reply, listing or log line
 * has it. Records of earlier releases have none.
 */
export type AuditRecord = AuditEvent & { readonly nonce: string };

export interface AuditRecordDependencies {
  readonly clock: Pick<Clock, 'now'>;
  readonly randomness: Randomness;
}

/** The members of a record that are given: its id, time and nonce are made with it. */
export type GivenRecord = Omit<Parameters<typeof newAuditEvent>[0], 'id' | 'timestamp'>;

/**
 * Makes the record of an event of this moment. Its id, time and nonce are fixed here, before the first attempt to write, so that
 * every attempt writes the same.
 */
export function newAuditRecord({ clock, randomness }: AuditRecordDependencies, given: GivenRecord): AuditRecord {
  const now = clock.now();
  return auditRecordAt(randomness, { id: newTimedId(now, randomness), at: now }, given);
}

/**
 * Makes the record of an event whose id another attempt would make again. Each attempt has a nonce of its own; the log keeps the
 * record that it gets first.
 *
 * @param place an id that begins with the time, and the time in milliseconds since 1970
 */
export const auditRecordAt = (
  randomness: Randomness,
  { id, at }: { readonly id: string; readonly at: number },
  given: GivenRecord,
): AuditRecord =>
  // Last, so that nothing given replaces them: an id that is there already would not be written.
  Object.assign(newAuditEvent({ id: '', timestamp: '', ...given }), {
    id,
    timestamp: new Date(at).toISOString(),
    nonce: randomness.secretBytes(AUDIT_NONCE_BYTES).toString('base64'),
  });

/**
 * Whether the nonce that is stored with an event may be its own. Only an event of an earlier release, whose id does not begin with
 * its time, may have none.
 *
 * @param nonce undefined: there is none
 */
export function mayBeNonceOf({ id, timestamp }: { id: unknown; timestamp: unknown }, nonce: unknown): boolean {
  if (nonce === undefined) return typeof id !== 'string' || timeOfId(id) !== timestamp;
  return typeof nonce === 'string' && decodeCanonicalBase64(nonce)?.length === AUDIT_NONCE_BYTES;
}
