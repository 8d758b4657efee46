import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { Deployment } from '../deployment';

type Kind = Pick<Deployment, 'disposable'>;

/** Data and logs are retained when their stack is deleted, except in a disposable deployment. */
export const removalPolicy = ({ disposable }: Kind): RemovalPolicy =>
  disposable ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN;

/** Waiting period of a key's deletion; KMS's minimum is seven days. */
export const keyPendingWindow = ({ disposable }: Kind): Duration => Duration.days(disposable ? 7 : 30);

/**
 * The scope in which resources with data are made. **It fixes the kind of a deployment, disposable or not, at the first
 * deployment**: tables, secret and key aliases have the same names in both kinds but other logical ids. CloudFormation creates
 * new resources before it deletes old ones, so it cannot turn one kind into the other: it refuses the change set for the name
 * conflict (CloudFormation User Guide, "Validate stack deployments"), or fails at the first alias and rolls back. That happens in
 * the keys' stacks, which come first, and in the data stack if it is deployed alone. The other stacks import the keys by exports
 * that are named by these ids, so they stop too.
 */
export const whereDataIs = (stack: Construct, { disposable }: Kind): Construct =>
  disposable ? new Construct(stack, 'disposable') : stack;
