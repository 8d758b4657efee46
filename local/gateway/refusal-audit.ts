import { REFUSALS_METRIC } from '../../lambdas/core/contract/metrics';
import type { ErrorCode } from '../../lambdas/core/contract/problems';
import type { AuditMetadata } from '../../lambdas/core/audit/audit-event';
import { newAuditRecord, type AuditRecord } from '../../lambdas/core/audit/audit-record';
import { newId, type Randomness } from '../../lambdas/core/crypto/randomness';
import type { AuditSink } from '../../lambdas/core/audit/ports/audit-log';
import type { Clock } from '../../lambdas/core/ports/clock';
import type { Logger } from '../../lambdas/core/ports/logger';
import type { Metrics } from '../../lambdas/core/ports/metrics';
import type { Principal } from '../identity/principals';
import { RefusalCounter, type CountedRefusals } from './refusal-counter';

/** A refused request, in values that are checked or our own: any other value from the caller may contain a key. */
export interface Refusal {
  readonly requestId: string;
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly reason: string;
  /** Error code of the reply. */
  readonly code: ErrorCode;
  /** Method and route template, if the route is known. */
  readonly operation: string | undefined;
  /** The provider, if it is configured. */
  readonly provider: string | null;
  /** Key version of the path, if it is well formed. */
  readonly keyVersion: number | null;
  readonly credential?: string;
  readonly rotationId?: string;
}

export interface RefusalAuditOptions {
  readonly region: string;
  readonly audit: AuditSink;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Maximum of counts that wait to be written. During a long outage of the store the oldest are dropped, and logged. */
const MAX_WAITING_EVENTS = 10_000;
const APPENDS_AT_ONCE = 16;
const SHARED_ADDRESS = 'unknown';

/** Audits refusals as `unauthorized_access`: one event each, except floods of unknown callers, which are counted. */
export class RefusalAudit {
  private readonly meter = new RefusalCounter();
  private waiting: AuditRecord[] = [];
  private writing: Promise<void> | undefined;

  constructor(private readonly deps: RefusalAuditOptions) {}

  /**
   * Resolves when the refusal of an unverified caller is durable, or at once if it is only counted.
   *
   * @param claimed owner of the access key that the request named without proof
   * @throws KeywardError `audit_unavailable`
   */
  async unverified(refusal: Refusal, claimed: Principal | undefined): Promise<void> {
    this.deps.metrics.count(REFUSALS_METRIC);
    const now = this.deps.clock.now();
    const treatment = this.meter.record(refusal.address ?? SHARED_ADDRESS, now);
    const finished = this.meter.takeFinished(now);
    // Writes only new counts: a flood must not retry writes that the audit log does not accept.
    if (finished.length > 0) void this.write(finished);
    if (treatment === 'count') return;
    const metadata = treatment === 'audit_last' ? { further_refusals: 'counted' as const } : {};
    const message = claimed === undefined ? 'access denied' : `access denied: the request claimed to be ${claimed.arn}`;
    await this.append(this.eventOf(refusal, null, message, metadata));
  }

  /**
   * Resolves when the refusal of a verified caller is durable.
   *
   * @throws KeywardError `audit_unavailable`
   */
  async verified(refusal: Refusal, principal: Principal): Promise<void> {
    this.deps.metrics.count(REFUSALS_METRIC);
    await this.append(this.eventOf(refusal, principal.arn, 'access denied', {}));
  }

  /** Writes the counts of past minutes. A count that cannot be written is kept for the next call. Never rejects. */
  flush(): Promise<void> {
    return this.write(this.meter.takeFinished(this.deps.clock.now()));
  }

  /** Writes all counts, at the end of the process. Never rejects. */
  async close(): Promise<void> {
    await this.writing;
    await this.write(this.meter.takeAll());
    if (this.waiting.length > 0)
      this.deps.logger.error('counted refusals were not audited: the audit log is unavailable');
  }

  private write(counted: readonly CountedRefusals[]): Promise<void> {
    this.waiting.push(...counted.map((each) => this.countEventOf(each)));
    if (this.waiting.length > MAX_WAITING_EVENTS) {
      this.waiting = this.waiting.slice(-MAX_WAITING_EVENTS);
      this.deps.logger.error('counted refusals were dropped: the audit log has been unavailable for too long');
    }
    if (this.writing === undefined && this.waiting.length > 0) {
      this.writing = this.writeWaiting().finally(() => {
        this.writing = undefined;
      });
    }
    return this.writing ?? Promise.resolve();
  }

  private async writeWaiting(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting.slice(0, APPENDS_AT_ONCE);
      const results = await Promise.allSettled(batch.map((event) => this.append(event)));
      const written = new Set(batch.filter((_, index) => results[index]?.status === 'fulfilled'));
      this.waiting = this.waiting.filter((event) => !written.has(event));
      if (written.size < batch.length) return;
    }
  }

  private async append(event: AuditRecord): Promise<void> {
    try {
      await this.deps.audit.append(event);
    } catch (error) {
      this.deps.metrics.count('audit_append_failed');
      throw error;
    }
  }

  private eventOf(
    refusal: Refusal,
    userId: string | null,
    message: string,
    metadata: Partial<AuditMetadata>,
  ): AuditRecord {
    return newAuditRecord(this.deps, {
      event_type: 'unauthorized_access',
      provider: refusal.provider,
      user_id: userId,
      ip_address: refusal.address,
      user_agent: refusal.userAgent,
      success: false,
      error_message: message,
      region: this.deps.region,
      request_id: refusal.requestId,
      key_version: refusal.keyVersion,
      metadata: {
        code: refusal.code,
        reason: refusal.reason,
        ...(refusal.operation === undefined ? {} : { operation: refusal.operation }),
        ...(refusal.credential === undefined ? {} : { credential: refusal.credential }),
        ...(refusal.rotationId === undefined ? {} : { rotation_id: refusal.rotationId }),
        ...metadata,
      },
    });
  }

  private countEventOf({ address, count, firstAt, lastAt }: CountedRefusals): AuditRecord {
    const refusal: Refusal = {
      requestId: newId(this.deps.randomness),
      address: address === SHARED_ADDRESS ? null : address,
      userAgent: null,
      reason: 'refusals_counted',
      code: 'access_denied',
      operation: undefined,
      provider: null,
      keyVersion: null,
    };
    return this.eventOf(refusal, null, 'access denied', {
      count,
      first_at: isoTime(firstAt),
      last_at: isoTime(lastAt),
    });
  }
}

const isoTime = (time: number): string => new Date(time).toISOString();
