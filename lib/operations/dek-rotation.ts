import { Duration } from 'aws-cdk-lib';
import {
  DEK_ROTATION_PATIENCE_MS,
  DEK_ROTATION_WORKER_MS,
  SWEEP_INTERVAL_MS,
  SWEEP_MS,
} from '../../lambdas/core/contract/function-times';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { EventSourceMapping, type IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../../lambdas/core/contract/environment';
import type { Deployment } from '../deployment';
import { KeywardFunction } from './keyward-function';
import type { ResourceNames } from '../resource-names';
import { previousValueEnvironment } from './previous-value-environment';
import { dekRotationEnvironment } from './dek-rotation-environment';
import type { ScheduledTarget } from './scheduled-target';
import { sweepSchedule } from './sweep-schedule';
import { WorkQueue } from './work-queue';

const WORKER_TIMEOUT = Duration.millis(DEK_ROTATION_WORKER_MS);
/** Each rekeys some hundred credentials a second; more workers would take capacity of the tables and of Lambda from callers. */
const MAX_WORKERS = 4;
/** Opening and sealing need a vCPU of their own, which 1,769 MB of memory gives. */
const WORKER_MEMORY_MB = 1769;
const SWEEP_MEMORY_MB = 1024;

/** The resources that rotate DEKs, in the home region: the queue of steps and shards, its worker, and the hourly sweep. */
export class DekRotation extends Construct {
  readonly worker: IFunction;
  readonly queue: Queue;
  readonly deadLetters: Queue;
  readonly sweep: IFunction;
  readonly sweepSchedule: ScheduledTarget;

  constructor(
    scope: Construct,
    id: string,
    props: { deployment: Deployment; names: ResourceNames; logsKey: IKey; messagesKey: IKey },
  ) {
    super(scope, id);
    const { deployment, names, logsKey, messagesKey: key } = props;
    const common = { deployment, names, logsKey };
    const environment = dekRotationEnvironment(deployment, names);
    const work = new WorkQueue(this, 'work', {
      names,
      key,
      name: 'dek-rotation',
      functionTimeout: WORKER_TIMEOUT,
      patience: Duration.millis(DEK_ROTATION_PATIENCE_MS),
    });
    this.queue = work.queue;
    this.deadLetters = work.deadLetters;
    this.worker = new KeywardFunction(scope, 'rotation-worker', {
      ...common,
      environment: { ...environment, ...previousValueEnvironment(deployment) },
      timeout: WORKER_TIMEOUT,
      memoryMB: WORKER_MEMORY_MB,
      // The chain is bounded: waiting for a region ends after an hour (advance-dek-rotation), and a shard sends itself again only if its
      // last run has rekeyed a page, or after growing pauses (rekey-shard).
      feedsItself: true,
    });
    new EventSourceMapping(this, 'source', {
      target: this.worker,
      eventSourceArn: this.queue.queueArn,
      // A message may use the whole time of the function, so a batch has one message.
      batchSize: 1,
      reportBatchItemFailures: true,
      maxConcurrency: MAX_WORKERS,
    });
    const sweep = new KeywardFunction(scope, 'sweep', {
      ...common,
      environment: {
        ...environment,
        [ENVIRONMENT.kekRotationIntervalDays]: String(deployment.kekRotationIntervalDays),
      },
      timeout: Duration.millis(SWEEP_MS),
      memoryMB: SWEEP_MEMORY_MB,
    });
    // By then the next sweep has begun.
    sweep.configureAsyncInvoke({ maxEventAge: Duration.millis(SWEEP_INTERVAL_MS), retryAttempts: 2 });
    this.sweep = sweep;
    this.sweepSchedule = sweepSchedule(this, 'sweep-schedule', { deployment, names, key, sweep });
  }
}
