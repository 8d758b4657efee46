import type { Caller } from '../ports/caller';
import type { AuditMetadata } from './audit-event';
import type { AuditTrail } from './audit-trail';

/**
 * Runs a read of the audit log and records it before its result is returned (PCI DSS 4.0.1, 10.2.1.3). The event has no provider,
 * whichever the read is about, because a success of a provider proves that it has a keyset; so it is in the 16 shards of events
 * without a provider, as refusals are.
 *
 * @param count the number of events that a result is made of
 * @throws KeywardError `audit_unavailable`; what `read` throws, after the failure is recorded
 */
export async function recordedRead<T>(
  trail: AuditTrail,
  caller: Caller,
  metadata: AuditMetadata,
  { read, count }: { read: () => Promise<T>; count: (result: T) => number },
): Promise<T> {
  const entry = { event_type: 'audit_read', provider: null, metadata } as const;
  let result: T;
  try {
    result = await read();
  } catch (thrown) {
    await trail.recordRefusal(caller, entry, thrown);
    throw thrown;
  }
  await trail.record(caller, { ...entry, metadata: { ...metadata, events: count(result) } });
  return result;
}
