import { Duration } from 'aws-cdk-lib';
import { SEEN_HOURLY_MS } from '../../lambdas/core/contract/function-times';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { METRICS_DIMENSION, METRICS_NAMESPACE, type KeywardMetricName } from '../../lambdas/core/contract/metrics';

export const SEEN_HOURLY = Duration.millis(SEEN_HOURLY_MS);

/** A metric of a region over all functions of one deployment; the dimension is the stage. */
export const keywardMetric = (
  metricName: KeywardMetricName,
  stage: string,
  options: { period?: Duration; statistic?: string } = {},
): Metric =>
  new Metric({
    namespace: METRICS_NAMESPACE,
    metricName,
    dimensionsMap: { [METRICS_DIMENSION]: stage },
    period: options.period ?? Duration.minutes(5),
    statistic: options.statistic ?? Stats.SUM,
  });
