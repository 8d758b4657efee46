import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { REWRAP_DEKS_MS, REWRAP_PATIENCE_MS, ROTATE_KEK_MS } from '../../lambdas/core/contract/function-times';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { ENVIRONMENT } from '../../lambdas/core/contract/environment';
import { Bootstrap } from '../operations/bootstrap';
import type { Deployment } from '../deployment';
import { DekRotation } from '../operations/dek-rotation';
import { isRotatedBySecretsManager } from '../kek-configuration';
import type { KmsStack } from './kms-stack';
import { KeywardFunction } from '../operations/keyward-function';
import { OperationsAlarms } from '../observability/operations-alarms';
import type { ResourceNames } from '../resource-names';
import { kekRotationSchedule } from '../operations/kek-rotation-schedule';
import { WorkQueue } from '../operations/work-queue';

export interface OperationsStackProps extends StackProps {
  readonly deployment: Deployment;
  readonly names: ResourceNames;
  readonly keys: KmsStack;
  /** Undefined if the KEK is in Vault alone. */
  readonly kekSecretArn: string | undefined;
}

const REWRAP_TIMEOUT = Duration.millis(REWRAP_DEKS_MS);
const MEMORY_MB = 512;

/** Rotations in the home region: the KEK rotation and its rewrap, DEK rotations, and bootstrap. */
export class OperationsStack extends Stack {
  constructor(scope: Construct, id: string, { deployment, names, keys, kekSecretArn, ...props }: OperationsStackProps) {
    super(scope, id, props);
    const common = { deployment, names, logsKey: keys.logs };
    const rewrap = new WorkQueue(this, 'rewrap', {
      names,
      key: keys.messages,
      name: 'rewrap',
      functionTimeout: REWRAP_TIMEOUT,
      patience: Duration.millis(REWRAP_PATIENCE_MS),
    });
    const rewrapDeks = new KeywardFunction(this, 'rewrap-deks', {
      ...common,
      timeout: REWRAP_TIMEOUT,
      memoryMB: MEMORY_MB,
    });
    const source = new EventSourceMapping(this, 'rewrap-source', {
      target: rewrapDeks,
      eventSourceArn: rewrap.queue.queueArn,
      batchSize: 1,
      reportBatchItemFailures: true,
    });
    const rotateKek = new KeywardFunction(this, 'rotate-kek', {
      ...common,
      timeout: Duration.millis(ROTATE_KEK_MS),
      memoryMB: MEMORY_MB,
      environment: { [ENVIRONMENT.rewrapQueueUrl]: rewrap.queue.queueUrl },
    });
    const isScheduled = kekSecretArn !== undefined && isRotatedBySecretsManager(deployment);
    const kekRotation = isScheduled
      ? kekRotationSchedule(this, 'rotation', {
          deployment,
          names,
          key: keys.messages,
          secretArn: kekSecretArn,
          rotateKek,
        })
      : undefined;
    // The next sweep goes on with a rotation that failed, and counts its tries.
    if (!isScheduled) rotateKek.configureAsyncInvoke({ maxEventAge: Duration.minutes(5), retryAttempts: 0 });
    const dekRotation = new DekRotation(this, 'dek-rotation', { ...common, messagesKey: keys.messages });
    const bootstrap = new Bootstrap(this, 'first-keys', common);
    bootstrap.node.addDependency(kekRotation ?? rotateKek, source);
    // The sweep would fail before there are keysets.
    dekRotation.sweepSchedule.node.addDependency(bootstrap);
    new OperationsAlarms(this, 'operations-alarms', {
      deployment,
      names,
      // By name, not by import: the API's stack may be deleted and made again while this one stays.
      topic: Topic.fromTopicArn(this, 'alarms', names.alarmTopicArn(deployment.homeRegion)),
      rotateKek,
      rewrapDeks,
      rewrapDlq: rewrap.deadLetters,
      kekRotationDlq: kekRotation?.deadLetters,
      dekRotation,
    });
  }
}
