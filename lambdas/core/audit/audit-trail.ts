import { OUTAGE_DETAILS } from '../contract/problems';
import type { AuditEvent, AuditMetadata } from './audit-event';
import { newAuditRecord, type AuditRecord } from './audit-record';
import { KeywardError, toKeywardError } from '../errors/errors';
import type { Randomness } from '../crypto/randomness';
import type { AuditSink } from './ports/audit-log';
import type { Clock } from '../ports/clock';
import type { Metrics } from '../ports/metrics';
import type { WriteResult } from '../ports/write-result';
import type { Caller } from '../ports/caller';

/** The part of an event that the use case provides; the rest comes from the caller and the process. */
export type AuditEntry = Pick<AuditEvent, 'event_type' | 'provider' | 'metadata'> &
  Partial<Omit<AuditEvent, keyof Caller | 'id' | 'timestamp' | 'success' | 'error_message' | 'region' | 'damaged'>>;

/** Where an event is in the log. Its nonce is nobody's. */
type AuditPlace = Pick<AuditRecord, 'id' | 'timestamp'>;

/** How long a failure counts as the state of the log; later only the next event tells. */
const FAILURE_SHOWN_MS = 60_000;

export interface AuditTrailDependencies {
  readonly sink: AuditSink;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly metrics: Metrics;
  readonly region: string;
}

/**
 * Records audit events before the reply. Every method resolves or throws only after its events are durable. If they cannot be
 * made durable it throws `audit_unavailable`, and its caller must return nothing else.
 */
export class AuditTrail {
  private failedAt: number | undefined;

  constructor(private readonly deps: AuditTrailDependencies) {}

  /** False for a minute after an event could not be made durable, unless a later one was. */
  get takesEvents(): boolean {
    return this.failedAt === undefined || Math.abs(this.deps.clock.now() - this.failedAt) > FAILURE_SHOWN_MS;
  }

  /** Records a success. @returns the event's place in the log */
  record(caller: Caller, entry: AuditEntry): Promise<AuditPlace> {
    return this.append(caller, entry, true, null);
  }

  /**
   * Records a refusal or failure. The caller of this method throws it.
   *
   * @param thrown the error
   */
  async recordRefusal(caller: Caller, entry: AuditEntry, thrown: unknown): Promise<void> {
    const error = toKeywardError(thrown);
    if (error.code === 'decryption_failed' || error.code === 'credential_damaged')
      this.deps.metrics.count('failed_decrypt');
    const why: AuditMetadata = { code: error.code, ...(error.reason === undefined ? {} : { reason: error.reason }) };
    await this.append(caller, { ...entry, metadata: { ...entry.metadata, ...why } }, false, error.message);
  }

  /**
   * Records a change before and after it is made. A crash leaves an intent without an outcome; the sweep closes it by its
   * `write_id`.
   *
   * @throws KeywardError `outcome_unknown` if it is not known whether the change was made; what `write` threw if that is not an
   *   outage, so nothing was changed
   */
  async change(
    caller: Caller,
    entry: AuditEntry & { metadata: AuditMetadata & { write_id: string } },
    write: () => Promise<WriteResult>,
  ): Promise<Exclude<WriteResult, 'unknown'>> {
    await this.recordIntent(caller, entry);
    const outcome = await write().catch(async (thrown: unknown) => {
      if (!isTurnedAway(thrown)) return 'unknown' as const;
      await this.recordOutcome(caller, entry, 'failed');
      throw thrown;
    });
    await this.recordOutcome(caller, entry, outcome);
    if (outcome === 'unknown') {
      throw new KeywardError('outcome_unknown', OUTAGE_DETAILS.outcomeUnknown);
    }
    return outcome;
  }

  /** Records the intent of a change. */
  async recordIntent(caller: Caller, entry: AuditEntry): Promise<void> {
    await this.append(caller, { ...entry, metadata: { ...entry.metadata, phase: 'intent' } }, null, null);
  }

  /** Records the outcome of a change whose intent is recorded. */
  async recordOutcome(
    caller: Caller,
    entry: AuditEntry,
    outcome: NonNullable<AuditMetadata['outcome']>,
  ): Promise<void> {
    const success = outcome === 'unknown' ? null : outcome === 'written';
    const metadata: AuditMetadata = { ...entry.metadata, phase: 'outcome', outcome };
    await this.append(caller, { ...entry, metadata }, success, success === true ? null : outcome);
  }

  private async append(
    caller: Caller,
    entry: AuditEntry,
    success: boolean | null,
    errorMessage: string | null,
  ): Promise<AuditPlace> {
    const record = newAuditRecord(this.deps, {
      // Not a spread first: each member after one that begins a literal costs V8 (Node 20) a microsecond.
      region: this.deps.region,
      ...entry,
      ...caller,
      success,
      error_message: errorMessage,
    });
    try {
      await this.deps.sink.append(record);
      this.failedAt = undefined;
      return record;
    } catch (thrown) {
      this.failedAt = this.deps.clock.now();
      this.deps.metrics.count('audit_append_failed');
      throw new KeywardError('audit_unavailable', OUTAGE_DETAILS.auditAway, undefined, toKeywardError(thrown).outside);
    }
  }
}

/** Whether a policy or the present state refused the write: then nothing was written. */
const isTurnedAway = (thrown: unknown): boolean => {
  const { outside } = toKeywardError(thrown);
  return outside !== undefined && outside.kind !== 'outage';
};
