import { Duration, Stack } from 'aws-cdk-lib';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { AlarmGroup } from './alarm-group';
import { changePatterns } from './change-patterns';
import { changeRule } from './change-rule';
import type { Deployment } from '../configuration';
import { executionRoleName } from '../operations/execution-role';
import type { ResourceNames } from '../resource-names';

const PERIOD = Duration.minutes(1);

/**
 * Raised by every change in this region that did not come with a deployment; the rule about the keys is in
 * their own stack. The notices say who did what: the rules hand the
 * events to the topic as they are. It needs a CloudTrail trail, and comes as CloudTrail does, mostly within minutes.
 */
export class ChangedByHandAlarm extends AlarmGroup {
  constructor(
    scope: Construct,
    id: string,
    props: { deployment: Deployment; names: ResourceNames; restApiId: string; topic: ITopic },
  ) {
    super(scope, id, props);
    const { deployment, names, restApiId } = props;
    const { region } = Stack.of(this);
    const watched = {
      deployment,
      names,
      region,
      executionRoleName: (each: string) => executionRoleName(this, deployment.account, each),
    };
    const patterns = changePatterns(watched, restApiId);
    for (const [name, pattern] of Object.entries(patterns)) changeRule(this, name, { names, pattern });
    const usingMetrics = Object.fromEntries(
      ['changed-keys', ...Object.keys(patterns)].map((name, index) => [
        `m${index}`,
        new Metric({
          namespace: 'AWS/Events',
          metricName: 'MatchedEvents',
          dimensionsMap: { RuleName: names.of(name) },
          period: PERIOD,
          statistic: Stats.SUM,
        }),
      ]),
    );
    const expression = Object.keys(usingMetrics)
      .map((metric) => `FILL(${metric}, 0)`)
      .join(' + ');
    this.raise('changed-by-hand', {
      meaning: 'Something was changed outside a deployment, or the KEK was asked for by something that is no function.',
      metric: new MathExpression({ expression, usingMetrics, period: PERIOD }),
      above: 0,
    });
  }
}
