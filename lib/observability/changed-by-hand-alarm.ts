import { Duration, Stack } from 'aws-cdk-lib';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { AlarmGroup } from './alarm-group';
import { changePatterns } from './change-patterns';
import { changeRule } from './change-rule';
import type { Deployment } from '../deployment';
import { executionRoleName } from '../operations/execution-role';
import type { ResourceNames } from '../resource-names';

const PERIOD = Duration.minutes(1);

/**
 * Raised by every change in this region that was not made by a deployment; the rules for the keys and for
 * the log are in their own stacks. The
 * notices tell who did what: the rules send the events to the topic unchanged. Needs a CloudTrail trail, and comes with
 * CloudTrail's delay, mostly minutes.
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
      ['changed-keys', ...Object.keys(patterns), ...(deployment.log === undefined ? [] : ['changed-log'])].map(
        (name, index) => [
          `m${index}`,
          new Metric({
            namespace: 'AWS/Events',
            metricName: 'MatchedEvents',
            dimensionsMap: { RuleName: names.of(name) },
            period: PERIOD,
            statistic: Stats.SUM,
          }),
        ],
      ),
    );
    const expression = Object.keys(usingMetrics)
      .map((metric) => `FILL(${metric}, 0)`)
      .join(' + ');
    this.raise('changed-by-hand', {
      meaning: 'A resource was changed outside a deployment, or the KEK was read by something other than a function.',
      metric: new MathExpression({ expression, usingMetrics, period: PERIOD }),
      above: 0,
    });
  }
}
