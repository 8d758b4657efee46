import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  Stats,
  type IAlarm,
  type IMetric,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Duration, Stack } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { keywardMetric, type KeywardMetricName } from './keyward-metric';
import type { ResourceNames } from './resource-names';
import type { KeywardRestApi } from './rest-api';

const HALF = 12;

/** One region on one page: alarms first, then traffic, then what Keyward counts. */
export class RegionDashboard extends Dashboard {
  constructor(
    scope: Construct,
    id: string,
    props: {
      stage: string;
      names: ResourceNames;
      api: KeywardRestApi;
      functions: ReadonlyMap<string, IFunction>;
      alarms: readonly IAlarm[];
    },
  ) {
    const { stage, names, api, functions, alarms } = props;
    super(scope, id, { dashboardName: names.of(Stack.of(scope).region) });
    const perFunction = (metricOf: (each: IFunction) => IMetric): IMetric[] => [...functions.values()].map(metricOf);
    const graph = (title: string, left: IMetric[]): GraphWidget => new GraphWidget({ title, left, width: HALF });
    const counted = (title: string, ...metrics: KeywardMetricName[]): GraphWidget =>
      graph(
        title,
        metrics.map((name) => keywardMetric(name, stage)),
      );
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
        'keyset_damaged',
      ),
    );
    this.addWidgets(
      graph('Age of the KEK (days)', [
        keywardMetric('kek_age_days', stage, { period: Duration.days(1), statistic: Stats.MAXIMUM }),
      ]),
      counted(
        'Rotation and replication',
        'kek_rotation_abandoned',
        'kek_replica_lagging',
        'keyset_lagging',
        'bootstrap_failed',
      ),
    );
  }
}
