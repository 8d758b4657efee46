import { Duration } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { AlarmGroup } from './alarm-group';
import type { Deployment } from './configuration';
import { keywardMetric } from './keyward-metric';
import type { ResourceNames } from './resource-names';

const PERIOD = Duration.minutes(5);
const QUARTER = Duration.minutes(15);

/** Other regions read these from their replicas; audit events are read where they were written. */
const WRITTEN_AT_HOME = ['keysets', 'credentials'] as const;

/** What watches the rotation, the rewrap, and the replication that both wait for. */
export class OperationsAlarms extends AlarmGroup {
  constructor(
    scope: Construct,
    id: string,
    props: {
      deployment: Deployment;
      names: ResourceNames;
      topic: ITopic;
      rotateKek: IFunction;
      rewrapDeks: IFunction;
      rewrapDlq: IQueue;
      rotationDlq: IQueue;
    },
  ) {
    super(scope, id, props);
    const { deployment, names } = props;
    const { stage } = deployment;
    const dead = (queue: IQueue) =>
      queue.metricApproximateNumberOfMessagesVisible({ period: PERIOD, statistic: Stats.MAXIMUM });
    this.raise('rotation-errors', {
      meaning: 'A step of the KEK rotation failed; Secrets Manager calls it again.',
      metric: props.rotateKek.metricErrors({ period: PERIOD }),
      above: 0,
    });
    this.raise('rotation-abandoned', {
      meaning: 'A new KEK was not fit to become current and was given up.',
      metric: keywardMetric('kek_rotation_abandoned', stage),
      above: 0,
    });
    this.raise('rotation-not-started', {
      meaning: 'The schedule could not start the rotation for a day.',
      metric: dead(props.rotationDlq),
      above: 0,
    });
    this.raise('rewrap-errors', {
      meaning: 'rewrap-deks crashed or ran out of time.',
      metric: props.rewrapDeks.metricErrors({ period: PERIOD }),
      above: 0,
    });
    this.raise('rewrap-dead', {
      meaning: 'The DEKs could not be moved to the new KEK; the old one stays in use.',
      metric: dead(props.rewrapDlq),
      above: 0,
    });
    this.raise('replication-kek', {
      meaning: 'A region has not returned the current KEK secret for an hour.',
      metric: keywardMetric('kek_replica_lagging', stage, { period: QUARTER }),
      above: 0,
      periods: 4,
    });
    for (const region of deployment.replicaRegions) {
      for (const table of WRITTEN_AT_HOME) {
        this.raise(`replication-${table}-${region}`, {
          meaning: `What is written to ${table} reaches ${region} only after more than a minute.`,
          metric: new Metric({
            namespace: 'AWS/DynamoDB',
            metricName: 'ReplicationLatency',
            dimensionsMap: { TableName: names.of(table), ReceivingRegion: region },
            period: PERIOD,
            statistic: Stats.AVERAGE,
          }),
          above: 60_000,
          periods: 3,
        });
      }
    }
    this.raise('bootstrap-failed', {
      meaning: 'A deployment found a provider without a usable keyset, or no KEK.',
      metric: keywardMetric('bootstrap_failed', stage),
      above: 0,
    });
  }
}
