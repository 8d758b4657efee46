import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  Metric,
  Stats,
  type IAlarm,
  type IMetric,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Duration, Stack } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { FunctionName } from '../../lambdas/core/contract/functions';
import { LOGGED_FAULTS_METRIC, type KeywardMetricName } from '../../lambdas/core/contract/metrics';
import type { Deployment } from '../deployment';
import { loggedMetric } from './gateway-metric';
import { keywardMetric, SEEN_HOURLY } from './keyward-metric';
import type { ResourceNames } from '../resource-names';
import type { KeywardRestApi } from '../api/rest-api';

const HALF = 12;

/** The dashboard of one region: alarms first, then traffic, then Keyward's counters; at home also the rotations. */
export class RegionDashboard extends Dashboard {
  constructor(
    scope: Construct,
    id: string,
    props: {
      deployment: Deployment;
      names: ResourceNames;
      api: KeywardRestApi;
      functions: ReadonlyMap<string, IFunction>;
      alarms: readonly IAlarm[];
    },
  ) {
    const { deployment, names, api, functions, alarms } = props;
    const { stage } = deployment;
    super(scope, id, { dashboardName: names.of(Stack.of(scope).region) });
    const perFunction = (metricOf: (each: IFunction) => IMetric): IMetric[] => [...functions.values()].map(metricOf);
    const graph = (title: string, left: IMetric[]): GraphWidget => new GraphWidget({ title, left, width: HALF });
    const oldest = (title: string, metric: KeywardMetricName, period: Duration): GraphWidget =>
      graph(title, [keywardMetric(metric, stage, { period, statistic: Stats.MAXIMUM })]);
    const counted = (title: string, ...metrics: KeywardMetricName[]): GraphWidget =>
      graph(
        title,
        metrics.map((name) => keywardMetric(name, stage)),
      );
    const waiting = (queue: string): Metric =>
      new Metric({
        namespace: 'AWS/SQS',
        metricName: 'ApproximateNumberOfMessagesVisible',
        dimensionsMap: { QueueName: queue },
        statistic: Stats.MAXIMUM,
      });
    this.addWidgets(new AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: 2 * HALF }));
    this.addWidgets(
      graph('Requests and refusals', [api.metricCount(), api.metricClientError(), api.metricServerError()]),
      graph(
        'Latency (ms)',
        [50, 99].map((rank) => api.metricLatency({ statistic: Stats.percentile(rank) })),
      ),
    );
    this.addWidgets(
      graph(
        'Errors of functions',
        perFunction((each) => each.metricErrors()),
      ),
      graph(
        'Throttles of functions',
        perFunction((each) => each.metricThrottles()),
      ),
    );
    this.addWidgets(
      graph('Refusals', [keywardMetric('failed_decrypt', stage), api.refusals]),
      counted(
        'Failures',
        'audit_append_failed',
        'kek_source_failed',
        'kek_unusable',
        'keyset_source_failed',
        'version_unconfirmed',
        'keyset_damaged',
      ),
    );
    this.addWidgets(
      oldest('Age of the KEK (days)', 'kek_age_days', Duration.days(1)),
      counted(
        'KEK rotation and replication',
        'kek_rotation_abandoned',
        'kek_replica_lagging',
        'keyset_lagging',
        'bootstrap_failed',
      ),
    );
    this.addWidgets(
      counted('Uses of retiring versions', 'retiring_version_used'),
      counted('Regions without a proof', 'region_unproved'),
    );
    const ofFunction = (name: FunctionName, metricName: string, statistic: string): Metric =>
      new Metric({
        namespace: 'AWS/Lambda',
        metricName,
        dimensionsMap: { FunctionName: names.of(name) },
        statistic,
      });
    this.addWidgets(
      graph('Answers with 4xx: all, and those in the access log', [
        api.metricClientError(),
        loggedMetric(stage, LOGGED_FAULTS_METRIC, Duration.minutes(5)),
      ]),
      graph('Refusals without an event, and errors of record-refusals', [
        keywardMetric('refusal_unrouted', stage),
        keywardMetric('access_line_malformed', stage),
        ofFunction('record-refusals', 'Errors', Stats.SUM),
      ]),
    );
    if (deployment.log !== undefined) {
      this.addWidgets(
        graph('Age of events when they are archived (ms)', [
          ofFunction('archive-events', 'IteratorAge', Stats.MAXIMUM),
        ]),
        oldest('Age of the oldest unpublished event (hours)', 'unpublished_age_hours', SEEN_HOURLY),
      );
      this.addWidgets(
        oldest('Entries of the transparency log', 'log_size', SEEN_HOURLY),
        counted('Lines published', 'log_added', 'log_repeated', 'log_foreign', 'log_malformed'),
      );
      this.addWidgets(
        counted('Reconciliation', 'day_reconciled', 'event_unlogged', 'log_away', 'failed_batch_unreadable'),
        graph('Messages: reconciliation, and its dead letters', [
          waiting(names.of('reconciliation')),
          waiting(names.deadLetterQueue('reconciliation')),
        ]),
      );
      this.addWidgets(
        counted('Transparency log: faults', 'event_tampered', 'event_malformed', 'archive_failed', 'publish_failed'),
        graph('Transparency log: errors of functions', [
          ofFunction('archive-events', 'Errors', Stats.SUM),
          ofFunction('publish-checkpoint', 'Errors', Stats.SUM),
        ]),
      );
    }
    if (Stack.of(scope).region !== deployment.homeRegion) return;
    this.addWidgets(
      oldest('Age of the oldest primary DEK (days)', 'dek_age_days', SEEN_HOURLY),
      oldest('Age of the oldest running DEK rotation (hours)', 'dek_rotation_age_hours', SEEN_HOURLY),
    );
    this.addWidgets(
      graph(
        'Messages: DEK rotation and rewrap, and their dead letters',
        (['dek-rotation', 'rewrap'] as const).flatMap((queue) => [
          waiting(names.of(queue)),
          waiting(names.deadLetterQueue(queue)),
        ]),
      ),
      counted('DEK rotation', 'rekey_failed', 'version_referenced', 'sweep_part_failed'),
    );
  }
}
