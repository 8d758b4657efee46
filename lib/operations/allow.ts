import { PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** A statement of a function's policy that allows actions on resources. */
export const allow = (
  actions: readonly string[],
  resources: readonly string[],
  conditions?: Record<string, unknown>,
): PolicyStatement =>
  new PolicyStatement({
    actions: [...actions],
    resources: [...resources],
    ...(conditions !== undefined && { conditions }),
  });
