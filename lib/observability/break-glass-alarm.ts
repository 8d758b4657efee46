import { Duration } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { AlarmGroup } from './alarm-group';
import type { EventPattern } from './change-patterns';
import type { Deployment } from '../deployment';
import type { ResourceNames } from '../resource-names';

/** Calls of AWS STS; people who sign in through an identity provider use the last two. */
const TAKES_A_ROLE = ['AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity'];

export const breakGlassUsed = (role: string): EventPattern => ({
  detail: {
    $or: [
      { userIdentity: { sessionContext: { sessionIssuer: { arn: [role] } } } },
      { eventName: TAKES_A_ROLE, requestParameters: { roleArn: [role] } },
    ],
  },
});

/**
 * Raised by every use of the break-glass role in this region, reading calls included, which a rule must request (EventBridge User
 * Guide, "Receiving read-only management events from AWS services"). It needs a CloudTrail trail.
 */
export class BreakGlassAlarm extends AlarmGroup {
  constructor(scope: Construct, id: string, props: { deployment: Deployment; names: ResourceNames; topic: ITopic }) {
    super(scope, id, props);
    const { deployment, names, topic } = props;
    const rule = new CfnRule(this, 'rule', {
      name: names.of('break-glass'),
      description: 'Keyward: the break-glass role was used',
      state: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS',
      eventPattern: breakGlassUsed(names.roleArn(deployment.breakGlassRole)),
      targets: [{ id: 'alarms', arn: topic.topicArn }],
    });
    this.raise('break-glass', {
      meaning: 'The break-glass role was used.',
      metric: new Metric({
        namespace: 'AWS/Events',
        metricName: 'MatchedEvents',
        dimensionsMap: { RuleName: rule.ref },
        period: Duration.minutes(1),
        statistic: Stats.SUM,
      }),
      above: 0,
    });
  }
}
