import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { Deployment } from '../deployment';
import type { Archiving } from '../operations/archiving';
import type { Publishing } from '../operations/publishing';
import type { Reconciliation } from '../operations/reconciliation';
import type { Copy, ResourceNames } from '../resource-names';
import { AlarmGroup } from './alarm-group';
import { copyMetric } from './copy-metric';
import { keywardMetric, SEEN_HOURLY } from './keyward-metric';

const PERIOD = Duration.minutes(5);
const QUARTER = Duration.minutes(15);
/** An event waits for its batch, five minutes, and for the next publication, an hour; two may fail. */
const UNPUBLISHED_HOURS = 3;
/** The stream keeps a record for 24 hours. */
const ARCHIVER_LATE_MS = Duration.hours(2).toMilliseconds();

/** Alarms of one region's transparency log. */
export class LogAlarms extends AlarmGroup {
  constructor(
    scope: Construct,
    id: string,
    props: {
      deployment: Deployment;
      names: ResourceNames;
      topic: ITopic;
      archiving: Archiving;
      reconciliation: Reconciliation;
      publishing: Publishing;
      copy: Copy | undefined;
    },
  ) {
    super(scope, id, props);
    const { archiver, mapping } = props.archiving;
    const { publisher, schedule } = props.publishing;
    const { stage } = props.deployment;
    this.raise('event-tampered', {
      meaning: 'An audit event was changed in the table, or removed before its time.',
      metric: keywardMetric('event_tampered', stage),
      above: 0,
    });
    this.raise('archive-errors', {
      meaning: 'archive-events crashed or ran out of time; Lambda retries its batch.',
      metric: archiver.metricErrors({ period: PERIOD }),
      above: 0,
    });
    this.raise('archive-failing', {
      meaning: 'Events could not be archived for an hour; Lambda retries their batches for 20 hours.',
      // Lambda counts no error where a batch is answered in parts.
      metric: keywardMetric('archive_failed', stage, { period: QUARTER }),
      above: 0,
      periods: 4,
    });
    this.raise('event-malformed', {
      meaning: 'The stream had something that is no audit event: it is not archived.',
      metric: keywardMetric('event_malformed', stage),
      above: 0,
    });
    this.raise('archive-late', {
      meaning: 'Events have not been archived for two hours. DynamoDB keeps them in the stream for 24.',
      metric: archiver.metric('IteratorAge', { period: PERIOD, statistic: Stats.MAXIMUM }),
      above: ARCHIVER_LATE_MS,
    });
    this.raise('archive-failed-batches', {
      meaning: 'Events could not be archived for 20 hours, and went to the bucket of failed batches.',
      metric: lostBatches(mapping.eventSourceMappingId),
      above: 0,
    });
    this.raise('publish-failed', {
      meaning: 'The log was not published: what is stored contradicts what was signed, or a service failed.',
      metric: keywardMetric('publish_failed', stage),
      above: 0,
    });
    this.raise('publish-errors', {
      meaning: 'publish-checkpoint crashed or ran out of time; the next run finishes what it began.',
      metric: publisher.metricErrors({ period: PERIOD }),
      above: 0,
    });
    this.raise('publish-missing', {
      meaning: 'The log has not been published for three hours.',
      metric: publisher.metricInvocations({ period: Duration.hours(1) }),
      below: 1,
      periods: 3,
      orMissing: true,
    });
    this.raise('publish-not-started', {
      meaning: 'The schedule could not start publish-checkpoint.',
      metric: dead(schedule.deadLetters),
      above: 0,
    });
    if (props.deployment.log?.witness !== undefined) {
      this.raise('witness-failed', {
        meaning: 'A checkpoint could not be copied to the witness.',
        metric: keywardMetric('witness_failed', stage, { period: SEEN_HOURLY }),
        above: 0,
      });
    }
    if (props.copy !== undefined) {
      this.raise('copy-failed', {
        meaning: 'S3 could not copy objects of the archive or the log to the other region, and does not try again.',
        metric: copyMetric(props.names, props.copy, {
          metricName: 'OperationsFailedReplication',
          statistic: Stats.SUM,
          period: PERIOD,
          expression: 'FILL(m0, 0) + FILL(m1, 0)',
        }),
        above: 0,
      });
    }
    this.raiseForReconciliation(props.deployment, props.reconciliation);
    this.raise('events-unpublished', {
      meaning: `An archived event has not been published for ${UNPUBLISHED_HOURS} hours.`,
      metric: keywardMetric('unpublished_age_hours', stage, { period: SEEN_HOURLY, statistic: Stats.MAXIMUM }),
      above: UNPUBLISHED_HOURS,
    });
  }

  private raiseForReconciliation({ stage, regions }: Deployment, { deadLetters, schedule }: Reconciliation): void {
    this.raise('event-unlogged', {
      meaning: 'An audit event older than a day was in no transparency log; it is archived now.',
      metric: keywardMetric('event_unlogged', stage),
      above: 0,
    });
    if (regions.length > 1) {
      this.raise('log-away', {
        meaning: "Another region's transparency log was not published for a day.",
        metric: keywardMetric('log_away', stage),
        above: 0,
      });
    }
    this.raise('failed-batch-unreadable', {
      meaning: 'A batch of events in the bucket of failed batches cannot be read back.',
      metric: keywardMetric('failed_batch_unreadable', stage),
      above: 0,
    });
    this.raise('reconciliation-dead', {
      meaning: 'A day of the audit log, or the failed batches, could not be reconciled for 12 hours.',
      metric: dead(deadLetters),
      above: 0,
    });
    this.raise('reconciliation-missing', {
      meaning: 'No day of the audit log has been reconciled for two days.',
      metric: keywardMetric('day_reconciled', stage, { period: Duration.days(1) }),
      below: 1,
      periods: 2,
      orMissing: true,
    });
    this.raise('reconciliation-not-started', {
      meaning: 'The schedule could not start the reconciliation.',
      metric: dead(schedule.deadLetters),
      above: 0,
    });
  }
}

const dead = (queue: IQueue): Metric =>
  queue.metricApproximateNumberOfMessagesVisible({ period: PERIOD, statistic: Stats.MAXIMUM });

/**
 * Events that went to the bucket, and events that Lambda could not even put there: one metric leaves out the other's (Lambda Developer
 * Guide, "Event source mapping metrics").
 */
function lostBatches(mappingId: string): MathExpression {
  const usingMetrics = Object.fromEntries(
    ['OnFailureDestinationDeliveredEventCount', 'DroppedEventCount'].map((metricName, index) => [
      `m${index}`,
      new Metric({
        namespace: 'AWS/Lambda',
        metricName,
        dimensionsMap: { EventSourceMappingUUID: mappingId },
        period: PERIOD,
        statistic: Stats.SUM,
      }),
    ]),
  );
  return new MathExpression({ expression: 'FILL(m0, 0) + FILL(m1, 0)', usingMetrics, period: PERIOD });
}
