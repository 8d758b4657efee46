import type { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { COPY_RULE } from '../data/evidence-bucket';
import { COPIED, type Copy, type ResourceNames } from '../resource-names';

/**
 * A metric of S3's replication over archive and log. "Operations failed" is in the region of the source, latency in that of the
 * destination (S3 User Guide, "Using S3 Replication metrics").
 */
export function copyMetric(
  names: ResourceNames,
  copy: Copy,
  what: {
    readonly metricName: string;
    readonly statistic: string;
    readonly period: Duration;
    readonly expression: string;
  },
): MathExpression {
  const { metricName, statistic, period, expression } = what;
  const usingMetrics = Object.fromEntries(
    COPIED.map((purpose, index) => [
      `m${index}`,
      new Metric({
        namespace: 'AWS/S3',
        metricName,
        dimensionsMap: {
          SourceBucket: names.bucket(purpose, copy.from),
          DestinationBucket: names.copyBucket(purpose, copy),
          RuleId: COPY_RULE,
        },
        period,
        statistic,
      }),
    ]),
  );
  return new MathExpression({ expression, usingMetrics, period });
}
