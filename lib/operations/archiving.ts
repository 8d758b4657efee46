import { Duration, Stack } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  EventSourceMapping,
  FilterCriteria,
  MetricType,
  StartingPosition,
  type IFunction,
} from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../../lambdas/core/contract/environment';
import { ARCHIVE_EVENTS_MS, ARCHIVE_PATIENCE_MS, ARCHIVE_WINDOW_MS } from '../../lambdas/core/contract/function-times';
import type { Deployment } from '../deployment';
import type { ResourceNames } from '../resource-names';
import { AuditStream } from './audit-stream';
import { KeywardFunction } from './keyward-function';

const MEMORY_MB = 512;
/**
 * A batch has also at most 6 MB (Lambda quotas). One batch of a shard at a time is enough: a shard takes 1,000 writes a second, and a
 * batch less than a second. More at once would make more objects of the same events.
 */
const BATCH = 1000;

/**
 * Has the events of this region archived: what its table's stream says of them. Each region's stream has the events of all; an event
 * belongs to the log of its `region`, whoever stored it. What says so before or after a change passes the filter, so that an event
 * that is changed to another region, or to none, is seen.
 *
 * A batch that fails is cut into halves and retried for 20 of the 24 hours that DynamoDB keeps it, then put into a bucket.
 */
export class Archiving extends Construct {
  readonly archiver: IFunction;
  readonly mapping: EventSourceMapping;

  constructor(
    scope: Construct,
    id: string,
    props: { deployment: Deployment; names: ResourceNames; logsKey: IKey; failedBatches: Pick<IBucket, 'bucketArn'> },
  ) {
    super(scope, id);
    const { failedBatches, ...common } = props;
    const { region } = Stack.of(this);
    const archiver = new KeywardFunction(scope, 'archive-events', {
      ...common,
      timeout: Duration.millis(ARCHIVE_EVENTS_MS),
      memoryMB: MEMORY_MB,
      // The chain is bounded: a message of the reconciliation sends another one only for events that it has not read.
      feedsItself: true,
      environment: {
        [ENVIRONMENT.reconciliationQueueUrl]: common.names.queueUrl('reconciliation', region),
      },
    });
    const stream = new AuditStream(this, 'stream', common);
    const ofThisRegion = { region: { S: [region] } };
    this.mapping = new EventSourceMapping(this, 'source', {
      target: archiver,
      eventSourceArn: stream.arn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: BATCH,
      maxBatchingWindow: Duration.millis(ARCHIVE_WINDOW_MS),
      filters: ['NewImage', 'OldImage'].map((image) => FilterCriteria.filter({ dynamodb: { [image]: ofThisRegion } })),
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      maxRecordAge: Duration.millis(ARCHIVE_PATIENCE_MS),
      onFailure: { bind: () => ({ destination: failedBatches.bucketArn }) },
      metricsConfig: { metrics: [MetricType.EVENT_COUNT] },
    });
    // Lambda looks whether the role may read the stream.
    this.mapping.node.addDependency(archiver);
    this.archiver = archiver;
  }
}
