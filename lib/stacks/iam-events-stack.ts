import { Stack, type StackProps } from 'aws-cdk-lib';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { breakGlassUsed } from '../observability/break-glass-alarm';
import { changedRoles } from '../observability/change-patterns';
import type { Deployment } from '../deployment';
import { executionRoleName } from '../operations/execution-role';
import type { ResourceNames } from '../resource-names';

export interface IamEventsStackProps extends StackProps {
  readonly deployment: Deployment;
  readonly names: ResourceNames;
}

/**
 * For a deployment without us-east-1, the only region with events of IAM and of the global endpoint of STS: forwards the events
 * about its roles to the home region, whose rules match them (EventBridge User Guide, "Sending and receiving events between AWS
 * Regions").
 */
export class IamEventsStack extends Stack {
  constructor(scope: Construct, id: string, { deployment, names, ...props }: IamEventsStackProps) {
    super(scope, id, props);
    const { account, homeRegion, breakGlassRole } = deployment;
    const bus = `arn:aws:events:${homeRegion}:${account}:event-bus/default`;
    const role = new Role(this, 'role', {
      roleName: names.of('iam-events'),
      assumedBy: new ServicePrincipal('events.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
      inlinePolicies: {
        'iam-events': new PolicyDocument({
          statements: [new PolicyStatement({ actions: ['events:PutEvents'], resources: [bus] })],
        }),
      },
    });
    const patterns = {
      'changed-roles': changedRoles({
        deployment,
        names,
        executionRoleName: (region) => executionRoleName(this, account, region),
      }),
      'break-glass': breakGlassUsed(names.roleArn(breakGlassRole)),
    };
    for (const [name, eventPattern] of Object.entries(patterns)) {
      new CfnRule(this, name, {
        name: names.of(`${name}-iam`),
        description: `Keyward: ${name}, sent to the home region`,
        state: name === 'break-glass' ? 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS' : 'ENABLED',
        eventPattern,
        targets: [{ id: 'home', arn: bus, roleArn: role.roleArn }],
      });
    }
  }
}
