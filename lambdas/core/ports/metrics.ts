import type { GaugeName, MetricName } from '../contract/metrics';

export interface Metrics {
  /** Adds one. Never throws and does no I/O of its own. */
  count(name: MetricName): void;

  /** Sets a value. Never throws and does no I/O of its own. */
  gauge(name: GaugeName, value: number): void;
}
