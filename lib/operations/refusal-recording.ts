import { Duration, Stack, Validations } from 'aws-cdk-lib';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSubscriptionFilter } from 'aws-cdk-lib/aws-logs';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { RECORD_REFUSALS_MS, RECORD_REFUSALS_PATIENCE_MS } from '../../lambdas/core/contract/function-times';
import { PERHAPS_REFUSED } from '../api/access-log-filters';
import type { Deployment } from '../deployment';
import type { ResourceNames } from '../resource-names';
import { KeywardFunction } from './keyward-function';
import { safeQueue } from './safe-queue';

const MEMORY_MB = 512;
const RETRIES = 2;

/**
 * Has the requests that the gateway of this region refused recorded: the lines of its access log that may be about one go to a function.
 * CloudWatch Logs invokes it asynchronously (Lambda Developer Guide, "Lambda event source types"). It tries again for 24 hours while
 * Lambda does not take a delivery, and skips lines for up to ten minutes after an error that is none of the moment, such as a missing
 * permission (CloudWatch Logs User Guide, "Real-time processing of log data with subscriptions"); Lambda tries three times, and what
 * fails each time goes to a queue.
 *
 * The function's own log is another log group than the one that it gets, so nothing goes in circles.
 */
export class RefusalRecording extends Construct {
  readonly recorder: IFunction;
  readonly failed: Queue;
  readonly filterName: string;

  constructor(
    scope: Construct,
    id: string,
    props: { deployment: Deployment; names: ResourceNames; logsKey: IKey; messagesKey: IKey },
  ) {
    super(scope, id);
    const { messagesKey: key, ...common } = props;
    const { deployment, names } = props;
    const { region } = Stack.of(this);
    const recorder = new KeywardFunction(scope, 'record-refusals', {
      ...common,
      timeout: Duration.millis(RECORD_REFUSALS_MS),
      memoryMB: MEMORY_MB,
    });
    this.failed = safeQueue(this, 'failed', { queueName: names.failedRefusalsQueue, key });
    Validations.of(this.failed).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is where what failed each time goes: no other queue comes after it.',
    });
    recorder.configureAsyncInvoke({
      maxEventAge: Duration.millis(RECORD_REFUSALS_PATIENCE_MS),
      retryAttempts: RETRIES,
      onFailure: { bind: () => ({ destination: this.failed.queueArn }) },
    });
    recorder.addPermission('access-log', {
      principal: new ServicePrincipal('logs.amazonaws.com'),
      sourceAccount: deployment.account,
      sourceArn: names.accessLogGroupArn(region),
    });
    this.filterName = names.of('refusals');
    const subscription = new CfnSubscriptionFilter(this, 'subscription', {
      filterName: this.filterName,
      logGroupName: names.accessLogGroup,
      filterPattern: PERHAPS_REFUSED,
      destinationArn: recorder.functionArn,
    });
    // CloudWatch Logs sends a first message before it takes a subscription.
    subscription.node.addDependency(recorder);
    this.recorder = recorder;
  }
}
