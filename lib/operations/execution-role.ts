import { DefaultStackSynthesizer, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/**
 * The name of the role that CloudFormation takes to deploy stacks in a region, as `cdk bootstrap` makes it. It trusts
 * CloudFormation alone. Without a pattern in it: whoever may make roles could make one that fits.
 */
export function executionRoleName(scope: Construct, account: string, region: string): string {
  const qualifier = Stack.of(scope).synthesizer.bootstrapQualifier ?? DefaultStackSynthesizer.DEFAULT_QUALIFIER;
  return `cdk-${qualifier}-cfn-exec-role-${account}-${region}`;
}
