import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import type { Deployment } from '../deployment';
import type { ResourceNames } from '../resource-names';

/** The topic of one region's alarms; it sends e-mail if an address is configured. */
export class AlarmTopic extends Topic {
  constructor(scope: Construct, id: string, props: { deployment: Deployment; names: ResourceNames; key: IKey }) {
    const { deployment, names, key } = props;
    super(scope, id, { topicName: names.of('alarms'), masterKey: key, enforceSSL: true });
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: 'Alarms',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': deployment.account } },
      }),
    );
    // "You can't use Condition blocks in Amazon SNS topic policies for EventBridge" (EventBridge User Guide, "Using
    // resource-based policies"): with one, the rule's events would be dropped silently.
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: 'Rules',
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topicArn],
      }),
    );
    if (deployment.alarmEmail !== undefined) this.addSubscription(new EmailSubscription(deployment.alarmEmail));
  }
}
