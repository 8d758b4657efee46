import { Duration } from 'aws-cdk-lib';
import { SEEN_HOURLY_MS } from '../../lambdas/core/contract/function-times';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';

/** A metric that the functions write; lambdas/core/ports/metrics.ts has the names. */
export type KeywardMetricName =
  | 'audit_append_failed'
  | 'bootstrap_failed'
  | 'dek_age_days'
  | 'failed_decrypt'
  | 'kek_age_days'
  | 'kek_replica_lagging'
  | 'kek_rotation_abandoned'
  | 'kek_source_failed'
  | 'kek_unusable'
  | 'keyset_damaged'
  | 'keyset_lagging'
  | 'keyset_source_failed'
  | 'region_unproved'
  | 'rekey_failed'
  | 'retiring_version_used'
  | 'rotation_age_hours'
  | 'rotation_step_failed'
  | 'version_referenced'
  | 'version_unconfirmed';

export const SEEN_HOURLY = Duration.millis(SEEN_HOURLY_MS);

/** A region's value over all functions of one deployment: the dimension is the stage. */
export const keywardMetric = (
  metricName: KeywardMetricName,
  stage: string,
  options: { period?: Duration; statistic?: string } = {},
): Metric =>
  new Metric({
    namespace: 'Keyward',
    metricName,
    dimensionsMap: { service: stage },
    period: options.period ?? Duration.minutes(5),
    statistic: options.statistic ?? Stats.SUM,
  });
