import { Metrics as EmbeddedMetrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { METRICS_NAMESPACE, type GaugeName, type MetricName } from '../../../core/contract/metrics';
import type { Metrics } from '../../../core/ports/metrics';

/**
 * Metrics in CloudWatch's embedded metric format, written to the log by AWS Lambda Powertools. A frozen process keeps unflushed
 * metrics and may never resume, so every invocation ends with {@link flush}.
 */
export class PowertoolsMetrics implements Metrics {
  private readonly counts = new Map<MetricName, number>();
  private readonly gauges = new Map<GaugeName, number>();
  private readonly sink: EmbeddedMetrics;

  constructor(serviceName: string) {
    this.sink = new EmbeddedMetrics({ namespace: METRICS_NAMESPACE, serviceName });
  }

  count(name: MetricName): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  gauge(name: GaugeName, value: number): void {
    this.gauges.set(name, value);
  }

  /** Writes one line with all counts and gauges since the last flush, if there are any. */
  flush(): void {
    if (this.counts.size + this.gauges.size === 0) return;
    for (const [name, value] of this.counts) this.sink.addMetric(name, MetricUnit.Count, value);
    for (const [name, value] of this.gauges) this.sink.addMetric(name, MetricUnit.NoUnit, value);
    this.counts.clear();
    this.gauges.clear();
    this.sink.publishStoredMetrics();
  }
}
