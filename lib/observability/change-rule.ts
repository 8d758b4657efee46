import { Stack } from 'aws-cdk-lib';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';
import { READ_SECRET, type EventPattern } from './change-patterns';
import type { ResourceNames } from '../resource-names';

/** A rule that sends its events to the region's alarm topic, by name, because the topic may be made later. */
export function changeRule(
  scope: Construct,
  name: string,
  { names, pattern }: { names: ResourceNames; pattern: EventPattern },
): void {
  new CfnRule(scope, name, {
    name: names.of(name),
    description: `Keyward: ${name}, see the alarm "changed-by-hand"`,
    // Only a rule in this state receives reads (EventBridge, "Receiving read-only management events from AWS services").
    state: name === READ_SECRET ? 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS' : 'ENABLED',
    eventPattern: pattern,
    targets: [{ id: 'alarms', arn: names.alarmTopicArn(Stack.of(scope).region) }],
  });
}
