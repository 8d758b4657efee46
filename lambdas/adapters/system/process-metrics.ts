import type { GaugeName, MetricName } from '../../core/contract/metrics';
import type { Metrics } from '../../core/ports/metrics';

/** Counters since the process started, and the last value of each gauge, in memory. */
export class ProcessMetrics implements Metrics {
  private readonly counts = new Map<MetricName | GaugeName, number>();

  count(name: MetricName): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  gauge(name: GaugeName, value: number): void {
    this.counts.set(name, value);
  }

  /** All counters and gauges by name. */
  snapshot(): Readonly<Partial<Record<MetricName | GaugeName, number>>> {
    return Object.fromEntries(this.counts);
  }
}
