import { MINUTE_MS } from '../../lambdas/core/contract/time-units';

/** What becomes of one refusal: an event of its own, perhaps the last one of its minute, or a place in a count. */
export type RefusalTreatment = 'audit' | 'audit_last' | 'count';

/** The refusals of one address in one minute that got no event of their own. Times are milliseconds since 1970. */
export interface CountedRefusals {
  /** Null where more addresses were refused in that minute than are told apart. */
  readonly address: string | null;
  readonly count: number;
  readonly firstAt: number;
  readonly lastAt: number;
}

interface Bucket {
  audited: number;
  count: number;
  firstAt: number;
  lastAt: number;
}

/**
 * Keeps a flood of refusals of unknown callers from becoming a flood of writes. In each minute the first refusals of an
 * address are to be audited one by one and the rest are counted; beyond a number of addresses all others share one
 * count, so that the memory is bounded. What is counted here is lost if the process is killed.
 */
export class RefusalCounter {
  private readonly buckets = new Map<string | null, Bucket>();
  private minute = -1;
  private finished: CountedRefusals[] = [];

  constructor(
    private readonly auditedPerMinute = 10,
    private readonly maxAddresses = 10_000,
  ) {}

  /** Takes in one refusal at `now`. */
  record(address: string, now: number): RefusalTreatment {
    this.endMinute(now);
    const bucket = this.bucketOf(address);
    if (bucket.audited < this.auditedPerMinute) {
      bucket.audited += 1;
      return bucket.audited === this.auditedPerMinute ? 'audit_last' : 'audit';
    }
    if (bucket.count === 0) bucket.firstAt = now;
    bucket.count += 1;
    bucket.lastAt = now;
    return 'count';
  }

  /** The counts of minutes that are over at `now`, each given out once. */
  takeFinished(now: number): readonly CountedRefusals[] {
    this.endMinute(now);
    const { finished } = this;
    this.finished = [];
    return finished;
  }

  /** All counts, those of a minute that still runs too: for the end of the process. */
  takeAll(): readonly CountedRefusals[] {
    return this.takeFinished(Infinity);
  }

  /** A clock that jumps backwards ends the minute as well. */
  private endMinute(now: number): void {
    const minute = Math.floor(now / MINUTE_MS);
    if (minute === this.minute) return;
    this.minute = minute;
    for (const [address, { count, firstAt, lastAt }] of this.buckets) {
      if (count > 0) this.finished.push({ address, count, firstAt, lastAt });
    }
    this.buckets.clear();
  }

  private bucketOf(address: string): Bucket {
    const known = this.buckets.get(address);
    if (known !== undefined) return known;
    const key = this.buckets.size < this.maxAddresses ? address : null;
    const bucket = this.buckets.get(key) ?? { audited: 0, count: 0, firstAt: 0, lastAt: 0 };
    this.buckets.set(key, bucket);
    return bucket;
  }
}
