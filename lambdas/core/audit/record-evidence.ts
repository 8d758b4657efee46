import type { Caller } from '../ports/caller';
import type { AuditEvent } from './audit-event';
import type { AuditTrail } from './audit-trail';

/** A pack of evidence: the period that it is about, and the SHA-256 of its list of hashes. */
export interface EvidencePack {
  /** ISO 8601 in UTC with milliseconds, as `to`. */
  readonly from: string;
  readonly to: string;
  /** 64 hexadecimal digits. */
  readonly manifest_sha256: string;
  /** The number of events that the pack was made of. */
  readonly events: number;
}

/** The event that has a pack's hash. */
export type RecordedEvidence = Pick<AuditEvent, 'id' | 'timestamp' | 'user_id'> & Pick<EvidencePack, 'manifest_sha256'>;

/**
 * Records the hash of a pack of evidence as an event of its caller, so that the log proves the pack as it proves any event. Nothing is
 * signed: a key that signed what a caller chooses would sign a forged checkpoint, too. That the hash is one of a pack is the caller's
 * word.
 *
 * @throws KeywardError `audit_unavailable`
 */
export const createRecordEvidence =
  ({ trail }: { readonly trail: AuditTrail }) =>
  async (caller: Caller, { from, to, manifest_sha256, events }: EvidencePack): Promise<RecordedEvidence> => {
    const { id, timestamp } = await trail.record(caller, {
      event_type: 'audit_read',
      provider: null,
      metadata: { operation: 'record_evidence', read_from: from, read_to: to, events, manifest_sha256 },
    });
    return { id, timestamp, user_id: caller.user_id, manifest_sha256 };
  };

export type RecordEvidence = ReturnType<typeof createRecordEvidence>;
