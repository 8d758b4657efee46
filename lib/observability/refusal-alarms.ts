import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnMetricFilter } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { LOGGED_FAULTS_METRIC, REFUSALS_METRIC } from '../../lambdas/core/contract/metrics';
import { CALLERS_FAULT } from '../api/access-log-filters';
import type { Deployment } from '../deployment';
import type { RefusalRecording } from '../operations/refusal-recording';
import type { ResourceNames } from '../resource-names';
import { AlarmGroup } from './alarm-group';
import { gatewayMetric, loggedMetric, loggedNamespace } from './gateway-metric';
import { keywardMetric } from './keyward-metric';

const PERIOD = Duration.minutes(5);
const QUARTER = Duration.minutes(15);
const HOUR = Duration.hours(1);

/** Alarms about the recording of one region's refusals, and about those that no log has. */
export class RefusalAlarms extends AlarmGroup {
  constructor(
    scope: Construct,
    id: string,
    props: { deployment: Deployment; names: ResourceNames; topic: ITopic; recording: RefusalRecording },
  ) {
    super(scope, id, props);
    const { deployment, names, recording } = props;
    const { stage } = deployment;
    this.raise('refusals-failed', {
      meaning: 'Refusals of the gateway could not be recorded: their lines are in a queue.',
      metric: recording.failed.metricApproximateNumberOfMessagesVisible({ period: PERIOD, statistic: Stats.MAXIMUM }),
      above: 0,
    });
    this.raise('refusals-lost', {
      meaning: 'Lambda could not put lines of refusals that failed into their queue.',
      metric: recording.recorder.metric('DestinationDeliveryFailures', { period: PERIOD, statistic: Stats.SUM }),
      above: 0,
    });
    this.raise('refusals-malformed', {
      meaning: 'The access log has lines that are not of its format: no event has what they say.',
      metric: keywardMetric('access_line_malformed', stage),
      above: 0,
    });
    this.raise('refusals-not-delivered', {
      meaning: 'The gateway refused requests, and CloudWatch Logs delivers none of them to record-refusals.',
      metric: undelivered(names, recording, loggedMetric(stage, REFUSALS_METRIC, QUARTER)),
      above: 0,
      periods: 2,
    });
    new CfnMetricFilter(this, 'callers-faults', {
      logGroupName: names.accessLogGroup,
      filterPattern: CALLERS_FAULT,
      metricTransformations: [
        { metricNamespace: loggedNamespace(stage), metricName: LOGGED_FAULTS_METRIC, metricValue: '1' },
      ],
    });
    this.raise('refusals-unlogged', {
      meaning: 'The gateway counted many more answers with 4xx than its access log has.',
      metric: new MathExpression({
        expression: 'FILL(all, 0) - FILL(logged, 0)',
        usingMetrics: {
          all: gatewayMetric(names, '4XXError', HOUR),
          logged: loggedMetric(stage, LOGGED_FAULTS_METRIC, HOUR),
        },
        period: HOUR,
      }),
      above: deployment.refusalsIn5Minutes,
    });
  }
}

/** 1 where requests were refused and none was delivered (CloudWatch Logs User Guide, "CloudWatch Logs metrics and dimensions"). */
function undelivered(names: ResourceNames, { filterName }: RefusalRecording, refused: Metric): MathExpression {
  const delivered = new Metric({
    namespace: 'AWS/Logs',
    metricName: 'ForwardedLogEvents',
    dimensionsMap: { LogGroupName: names.accessLogGroup, DestinationType: 'Lambda', FilterName: filterName },
    period: QUARTER,
    statistic: Stats.SUM,
  });
  return new MathExpression({
    expression: 'IF(FILL(refused, 0) > 0 AND FILL(delivered, 0) == 0, 1, 0)',
    usingMetrics: { refused, delivered },
    period: QUARTER,
  });
}
