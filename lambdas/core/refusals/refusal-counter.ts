import { MINUTE_MS } from '../contract/time-units';

/** Treatment of a refusal: an event of its own, the last event of its minute, or counted. */
export type RefusalTreatment = 'audit' | 'audit_last' | 'count';

/** Refusals of one address in one minute without events of their own. Times are milliseconds since 1970. */
export interface CountedRefusals {
  /** Null if that minute had more addresses than are counted separately. */
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
 * Limits the writes that a flood of refusals of unknown callers causes. In each minute the first refusals of an address are
 * audited one by one and the rest are counted; addresses beyond a number share one count, so that memory is bounded. Counts are
 * lost if the process is killed.
 */
export class RefusalCounter {
  private readonly buckets = new Map<string | null, Bucket>();
  private minute = -1;
  private finished: CountedRefusals[] = [];

  constructor(
    private readonly auditedPerMinute = 10,
    private readonly maxAddresses = 10_000,
  ) {}

  /** Records a refusal at `now`. */
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

  /** Returns the counts of minutes that are over at `now`, each once. */
  takeFinished(now: number): readonly CountedRefusals[] {
    this.endMinute(now);
    const { finished } = this;
    this.finished = [];
    return finished;
  }

  /** Returns all counts so far and goes on with the minute: events that an address has had count for what follows. */
  takeSoFar(): readonly CountedRefusals[] {
    const counted = [...this.finished, ...this.countsOfMinute()];
    this.finished = [];
    for (const bucket of this.buckets.values()) bucket.count = 0;
    return counted;
  }

  /** Returns all counts, that of the current minute included, for the end of the process. */
  takeAll(): readonly CountedRefusals[] {
    return this.takeFinished(Infinity);
  }

  /** A clock that jumps backwards also ends the minute. */
  private endMinute(now: number): void {
    const minute = Math.floor(now / MINUTE_MS);
    if (minute === this.minute) return;
    this.minute = minute;
    this.finished.push(...this.countsOfMinute());
    this.buckets.clear();
  }

  private countsOfMinute(): readonly CountedRefusals[] {
    return [...this.buckets].flatMap(([address, { count, firstAt, lastAt }]) =>
      count > 0 ? [{ address, count, firstAt, lastAt }] : [],
    );
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
