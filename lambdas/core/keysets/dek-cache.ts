import type { Dek } from '../crypto/dek';
import type { Clock } from '../ports/clock';
import type { Metrics } from '../ports/metrics';

/** How long an unwrapped DEK may stay in memory, by the wall clock. */
const DEK_TTL_MS = 30 * 60_000;
export const DEFAULT_MAX_CACHED_DEKS = 1000;

/**
 * Cache of unwrapped DEKs by format, provider and version: at most 30 minutes, evicts the least recently used, one load at a time
 * per key.
 */
export class DekCache {
  private hitCount = 0;
  private missCount = 0;
  /** In the order of their last use: a Map keeps that of insertion. */
  private readonly entries = new Map<string, { dek: Dek; loadedAt: number }>();
  private readonly loading = new Map<string, Promise<Dek>>();

  constructor(
    private readonly clock: Clock,
    private readonly metrics: Metrics,
    private readonly maxEntries: number,
  ) {}

  /** Hits and misses since the process started. */
  get counts(): { hits: number; misses: number } {
    return { hits: this.hitCount, misses: this.missCount };
  }

  /** Returns the cached DEK or the result of `load`. Concurrent callers share one load. A failed load is not cached. */
  get(provider: string, version: number, load: () => Promise<Dek>): Promise<Dek> {
    const key = `kw1:${provider}:${version}`;
    const cached = this.entries.get(key);
    if (cached !== undefined) {
      this.entries.delete(key);
      const age = this.clock.now() - cached.loadedAt;
      if (age >= 0 && age < DEK_TTL_MS) {
        this.hitCount += 1;
        this.metrics.count('dek_cache_hit');
        this.entries.set(key, cached);
        return Promise.resolve(cached.dek);
      }
    }
    this.missCount += 1;
    this.metrics.count('dek_cache_miss');
    return this.loading.get(key) ?? this.load(key, load);
  }

  private load(key: string, load: () => Promise<Dek>): Promise<Dek> {
    const loading = load()
      .then((dek) => {
        this.keep(key, dek);
        return dek;
      })
      .finally(() => this.loading.delete(key));
    this.loading.set(key, loading);
    return loading;
  }

  private keep(key: string, dek: Dek): void {
    this.entries.set(key, { dek, loadedAt: this.clock.now() });
    if (this.entries.size <= this.maxEntries) return;
    for (const leastRecentlyUsed of this.entries.keys()) {
      this.entries.delete(leastRecentlyUsed);
      break;
    }
  }
}
