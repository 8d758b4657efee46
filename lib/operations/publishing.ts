import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../../lambdas/core/contract/environment';
import {
  PUBLISH_CHECKPOINT_MS,
  PUBLISH_INTERVAL_MS,
  PUBLISH_RETRY_MS,
} from '../../lambdas/core/contract/function-times';
import { PUBLISH_EVENT } from '../../lambdas/core/contract/system-events';
import type { SigningKey } from '../data/signing-key';
import type { Deployment } from '../deployment';
import type { ResourceNames } from '../resource-names';
import { KeywardFunction } from './keyward-function';
import { ScheduledTarget } from './scheduled-target';

/** One vCPU (1,769 MB): hashing is what takes the time. */
const MEMORY_MB = 1769;
/** Not with the sweep, and after the hour's end. */
const HOURLY = '7 * * * ? *';
const MAX_RETRIES = 10;

const arnsOf = (keys: readonly SigningKey[]): string => keys.map(({ keyArn }) => keyArn).join(',');

/**
 * Publishes the region's log every hour. There is no reserved concurrency: it would take from what all other functions share, which a
 * new account has not got, and two runs at once decide by one compare-and-set.
 */
export class Publishing extends Construct {
  readonly publisher: IFunction;
  readonly schedule: ScheduledTarget;

  constructor(
    scope: Construct,
    id: string,
    props: {
      deployment: Deployment;
      names: ResourceNames;
      logsKey: IKey;
      messagesKey: IKey;
      /** Oldest first. */
      logKeys: readonly SigningKey[];
      cosignerKeys: readonly SigningKey[];
    },
  ) {
    super(scope, id);
    const { deployment, names, logsKey, messagesKey: key, logKeys, cosignerKeys } = props;
    const { region } = Stack.of(this);
    const publisher = new KeywardFunction(scope, 'publish-checkpoint', {
      deployment,
      names,
      logsKey,
      timeout: Duration.millis(PUBLISH_CHECKPOINT_MS),
      memoryMB: MEMORY_MB,
      environment: {
        [ENVIRONMENT.logKey]: arnsOf(logKeys),
        [ENVIRONMENT.logCosignerKey]: arnsOf(cosignerKeys),
      },
    });
    // By then the next publication has begun.
    publisher.configureAsyncInvoke({ maxEventAge: Duration.millis(PUBLISH_INTERVAL_MS), retryAttempts: 2 });
    this.publisher = publisher;
    this.schedule = new ScheduledTarget(this, 'hourly', {
      deployment,
      names,
      key,
      name: 'publish-checkpoint',
      description: "Keyward: the hourly publication of the audit log's checkpoint",
      cron: HOURLY,
      targetArn: publisher.functionArn,
      input: PUBLISH_EVENT,
      retryMs: PUBLISH_RETRY_MS,
      maxRetries: MAX_RETRIES,
      deadLettersName: 'publish-dlq',
      roleName: names.of(`publish-schedule-${region}`),
      policyName: 'publish-schedule',
      permissions: [
        new PolicyStatement({
          actions: ['lambda:InvokeFunction'],
          resources: [names.functionArn('publish-checkpoint', region)],
        }),
      ],
    });
  }
}
