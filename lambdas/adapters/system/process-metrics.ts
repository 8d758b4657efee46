import type { MetricName, Metrics } from '../../core/ports/metrics';

/** Counts since the process started, in memory. */
export class ProcessMetrics implements Metrics {
  private readonly counts = new Map<MetricName, number>();

  count(name: MetricName): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  /** All that was counted, by name. */
  snapshot(): Readonly<Partial<Record<MetricName, number>>> {
    return Object.fromEntries(this.counts);
  }
}
