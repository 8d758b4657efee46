import type { Duration } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { METRICS_NAMESPACE } from '../../lambdas/core/contract/metrics';
import type { ResourceNames } from '../resource-names';

/** A metric of API Gateway about a region's API, by its name. */
export const gatewayMetric = (names: ResourceNames, metricName: string, period: Duration): Metric =>
  new Metric({
    namespace: 'AWS/ApiGateway',
    metricName,
    dimensionsMap: { ApiName: names.of('api') },
    period,
    statistic: Stats.SUM,
  });

/** The namespace of what is counted from the access log: a metric filter has no fixed dimension, so the stage is in it. */
export const loggedNamespace = (stage: string): string => `${METRICS_NAMESPACE}/${stage}`;

/** A metric of a region that is counted from the access log. */
export const loggedMetric = (stage: string, metricName: string, period: Duration): Metric =>
  new Metric({ namespace: loggedNamespace(stage), metricName, period, statistic: Stats.SUM });
