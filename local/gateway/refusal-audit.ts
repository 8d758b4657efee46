import { REFUSALS_METRIC } from '../../lambdas/core/contract/metrics';
import { newAuditRecord, type AuditRecord } from '../../lambdas/core/audit/audit-record';
import { newId, type Randomness } from '../../lambdas/core/crypto/randomness';
import type { AuditSink } from '../../lambdas/core/audit/ports/audit-log';
import type { Clock } from '../../lambdas/core/ports/clock';
import type { Logger } from '../../lambdas/core/ports/logger';
import type { Metrics } from '../../lambdas/core/ports/metrics';
import type { Principal } from '../identity/principals';
import { RefusalCounter, type CountedRefusals } from '../../lambdas/core/refusals/refusal-counter';
import {
  ACCESS_DENIED,
  countedRefusalsEvent,
  refusalEvent,
  SHARED_ADDRESS,
  type Refusal,
  type RefusedCaller,
} from '../../lambdas/core/refusals/refusal-event';

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
    const message =
      claimed === undefined ? ACCESS_DENIED : `${ACCESS_DENIED}: the request claimed to be ${claimed.arn}`;
    await this.append(this.eventOf(refusal, { userId: null, message, metadata }));
  }

  /**
   * Resolves when the refusal of a verified caller is durable.
   *
   * @throws KeywardError `audit_unavailable`
   */
  async verified(refusal: Refusal, principal: Principal): Promise<void> {
    this.deps.metrics.count(REFUSALS_METRIC);
    await this.append(this.eventOf(refusal, { userId: principal.arn, message: ACCESS_DENIED }));
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

  private eventOf(refusal: Refusal, caller: RefusedCaller): AuditRecord {
    return newAuditRecord(this.deps, refusalEvent(this.deps.region, refusal, caller));
  }

  private countEventOf(counted: CountedRefusals): AuditRecord {
    const requestId = newId(this.deps.randomness);
    return newAuditRecord(this.deps, countedRefusalsEvent(this.deps.region, requestId, counted));
  }
}
