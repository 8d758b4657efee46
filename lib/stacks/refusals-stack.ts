import { Stack, type StackProps } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { Deployment } from '../deployment';
import { RefusalAlarms } from '../observability/refusal-alarms';
import { RefusalRecording } from '../operations/refusal-recording';
import type { ResourceNames } from '../resource-names';
import type { KmsStack } from './kms-stack';

export interface RefusalsStackProps extends StackProps {
  readonly deployment: Deployment;
  readonly names: ResourceNames;
  readonly keys: KmsStack;
}

/**
 * Records what one region's gateway refused. A stack of its own, which comes after the API's: that one makes the access log, and has no
 * room for more; and events are recorded with and without a transparency log. It refers to the log by its name, and everything in it
 * can be made again.
 */
export class RefusalsStack extends Stack {
  constructor(scope: Construct, id: string, { deployment, names, keys, ...props }: RefusalsStackProps) {
    super(scope, id, props);
    const common = { deployment, names };
    const recording = new RefusalRecording(this, 'recording', {
      ...common,
      logsKey: keys.logs,
      messagesKey: keys.messages,
    });
    new RefusalAlarms(this, 'refusal-alarms', {
      ...common,
      // By name, not by import: the API's stack may be deleted and made again while this one stays.
      topic: Topic.fromTopicArn(this, 'alarms', names.alarmTopicArn(this.region)),
      recording,
    });
  }
}
