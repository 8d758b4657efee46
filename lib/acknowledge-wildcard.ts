import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Acknowledges cdk-nag's finding of each wildcard resource of a policy, with the reason.
 *
 * @param resources as cdk-nag shows them: a reference to another resource as `<LogicalId>` or `<LogicalId.Attribute>`
 */
export function acknowledgeWildcard(construct: IConstruct, reason: string, ...resources: readonly string[]): void {
  for (const resource of resources) {
    Validations.of(construct).acknowledge({ id: `AwsSolutions-IAM5[Resource::${resource}]`, reason });
  }
}
