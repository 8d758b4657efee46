import { METRICS_NAMESPACE, type GaugeName, type MetricName } from '../../../core/contract/metrics';
import type { Clock } from '../../../core/ports/clock';
import type { Metrics } from '../../../core/ports/metrics';

/**
 * Metrics in CloudWatch's embedded metric format, written to the function's log (Amazon CloudWatch User Guide, "Specification:
 * Embedded metric format"). A frozen process keeps what is not flushed and may never resume, so every invocation ends with
 * {@link flush}.
 */
export class EmbeddedMetrics implements Metrics {
  private readonly counts = new Map<MetricName, number>();
  private readonly gauges = new Map<GaugeName, number>();

  constructor(
    private readonly service: string,
    private readonly clock: Clock,
  ) {}

  count(name: MetricName): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  gauge(name: GaugeName, value: number): void {
    this.gauges.set(name, value);
  }

  /** Writes one line with all counts and gauges since the last flush, if there are any. */
  flush(): void {
    const { counts, gauges, service, clock } = this;
    if (counts.size + gauges.size === 0) return;
    const metrics = [
      ...Array.from(counts.keys(), (Name) => ({ Name, Unit: 'Count' })),
      ...Array.from(gauges.keys(), (Name) => ({ Name, Unit: 'None' })),
    ];
    const line = {
      _aws: {
        Timestamp: clock.now(),
        CloudWatchMetrics: [{ Namespace: METRICS_NAMESPACE, Dimensions: [['service']], Metrics: metrics }],
      },
      service,
      ...Object.fromEntries([...counts, ...gauges]),
    };
    counts.clear();
    gauges.clear();
    process.stdout.write(`${JSON.stringify(line)}\n`);
  }
}
