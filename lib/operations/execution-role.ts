import { DefaultStackSynthesizer, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/**
 * The name of the role that `cdk bootstrap` makes for CloudFormation in a region. It trusts CloudFormation alone. An exact name
 * and no pattern: a principal that may create roles could create one that matches a pattern.
 */
export function executionRoleName(scope: Construct, account: string, region: string): string {
  const qualifier = Stack.of(scope).synthesizer.bootstrapQualifier ?? DefaultStackSynthesizer.DEFAULT_QUALIFIER;
  return `cdk-${qualifier}-cfn-exec-role-${account}-${region}`;
}
