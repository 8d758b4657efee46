import { Duration } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { LONGEST_INTERVAL_DAYS } from '../../lambdas/core/contract/limits';
import type { KeywardMetricName } from '../../lambdas/core/contract/metrics';
import { AlarmGroup } from './alarm-group';
import type { Deployment } from '../deployment';
import { isRotatedBySecretsManager } from '../kek-configuration';
import type { DekRotation } from '../operations/dek-rotation';
import { keywardMetric, SEEN_HOURLY } from './keyward-metric';
import type { ResourceNames } from '../resource-names';

const PERIOD = Duration.minutes(5);
const QUARTER = Duration.minutes(15);

/** Includes an hour for the sweep and a minute for the regions; the rest is time to act. */
const DEK_AGE_MARGIN_DAYS = 7;

/** Tables that other regions read from their replicas; audit events are read where they were written. */
const WRITTEN_AT_HOME = ['keysets', 'credentials'] as const;

/** Alarms of the rotations, the rewrap, and the replication that they depend on. */
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
      /** Of the schedule; undefined: the sweep is the clock. */
      kekRotationDlq: IQueue | undefined;
      dekRotation: DekRotation;
    },
  ) {
    super(scope, id, props);
    const { deployment, names } = props;
    const { stage } = deployment;
    this.raise('kek-rotation-errors', {
      meaning: `A step of the KEK rotation failed; ${props.kekRotationDlq === undefined ? 'the next sweep' : 'Secrets Manager'} retries it.`,
      metric: props.rotateKek.metricErrors({ period: PERIOD }),
      above: 0,
    });
    this.raise('kek-rotation-abandoned', {
      meaning: 'A KEK rotation failed permanently and was abandoned; the next one starts from the current KEK.',
      metric: keywardMetric('kek_rotation_abandoned', stage),
      above: 0,
    });
    if (props.kekRotationDlq !== undefined) {
      this.raise('kek-rotation-not-started', {
        meaning: 'The schedule could not start the KEK rotation for a day.',
        metric: dead(props.kekRotationDlq),
        above: 0,
      });
    }
    this.raise('rewrap-errors', {
      meaning: 'rewrap-deks crashed or ran out of time.',
      metric: props.rewrapDeks.metricErrors({ period: PERIOD }),
      above: 0,
    });
    this.raise('rewrap-dead', {
      meaning: 'The DEKs could not be rewrapped under the new KEK; the old KEK stays in use.',
      metric: dead(props.rewrapDlq),
      above: 0,
    });
    this.raise('replication-kek', {
      meaning: isRotatedBySecretsManager(deployment)
        ? 'A region has not returned the current KEK secret for an hour: check its KMS key and the state of its replica.'
        : 'A region has not returned the current KEK for an hour: check its prove-keyset function and its Vault.',
      metric: keywardMetric('kek_replica_lagging', stage, { period: QUARTER }),
      above: 0,
      periods: 4,
    });
    for (const region of deployment.replicaRegions) {
      for (const table of WRITTEN_AT_HOME) {
        this.raise(`replication-${table}-${region}`, {
          meaning: `Replication of the table ${table} to ${region} takes more than a minute.`,
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
    this.raiseForDeks(stage, props.dekRotation);
    this.raise('bootstrap-failed', {
      meaning: 'A deployment found no KEK, a provider without a usable keyset, or a region without its keys.',
      metric: keywardMetric('bootstrap_failed', stage),
      above: 0,
    });
  }

  private raiseForDeks(stage: string, { worker, deadLetters, sweep, sweepSchedule }: DekRotation): void {
    const hourly = (name: KeywardMetricName, statistic: string = Stats.SUM) =>
      keywardMetric(name, stage, { period: SEEN_HOURLY, statistic });
    this.raise('dek-rotation-worker-errors', {
      meaning: 'rotation-worker crashed or ran out of time; its message is retried.',
      metric: worker.metricErrors({ period: PERIOD }),
      above: 0,
    });
    this.raise('dek-rotation-worker-dead', {
      meaning: 'A step of a DEK rotation, or the rekey of a shard, failed for two hours.',
      metric: dead(deadLetters),
      above: 0,
    });
    this.raise('sweep-errors', {
      meaning: 'A part of the hourly sweep failed, or the sweep ran out of time; the next sweep does the rest.',
      metric: sweep.metricErrors({ period: PERIOD }),
      above: 0,
    });
    this.raise('sweep-missing', {
      meaning: 'The sweep has not run for three hours: rotations are not started, resumed or completed by themselves.',
      metric: sweep.metricInvocations({ period: Duration.hours(1) }),
      below: 1,
      periods: 3,
      orMissing: true,
    });
    this.raise('sweep-not-started', {
      meaning: 'The schedule could not start the sweep.',
      metric: dead(sweepSchedule.deadLetters),
      above: 0,
    });
    this.raise('rekey-failed', {
      meaning: 'A stored credential does not open, so it cannot be rekeyed.',
      metric: hourly('rekey_failed'),
      above: 0,
    });
    this.raise('version-referenced', {
      meaning: 'A DEK version is due to be retired or destroyed, but credentials are still under it.',
      metric: hourly('version_referenced'),
      above: 0,
    });
    this.raise('sweep-part-failed', {
      meaning: 'A part of the sweep has been failing for hours.',
      metric: hourly('sweep_part_failed'),
      above: 0,
      periods: 2,
    });
    this.raise('dek-age', {
      meaning: 'The primary DEK of a provider is older than the longest interval and a week.',
      metric: hourly('dek_age_days', Stats.MAXIMUM),
      // The policies' intervals are in the keysets, which an alarm cannot read.
      above: LONGEST_INTERVAL_DAYS + DEK_AGE_MARGIN_DAYS,
    });
    this.raise('dek-rotation-slow', {
      meaning: 'A DEK rotation has been running for more than two days.',
      metric: hourly('dek_rotation_age_hours', Stats.MAXIMUM),
      above: 48,
    });
  }
}

const dead = (queue: IQueue) =>
  queue.metricApproximateNumberOfMessagesVisible({ period: PERIOD, statistic: Stats.MAXIMUM });
