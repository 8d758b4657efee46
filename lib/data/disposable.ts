import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { Deployment } from '../configuration';

type Kind = Pick<Deployment, 'disposable'>;

/** What holds data, and each log, outlives its stack, but for a disposable deployment. */
export const removalPolicy = ({ disposable }: Kind): RemovalPolicy =>
  disposable ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN;

/** Between the order to delete a key and its end; seven days are the least that KMS takes. */
export const keyPendingWindow = ({ disposable }: Kind): Duration => Duration.days(disposable ? 7 : 30);

/**
 * Where everything that holds data is made. **Which kind a deployment is, is fixed by this at its first deployment**: tables, secret
 * and aliases of keys have the same names in both kinds and other logical ids, so that CloudFormation, which creates what is new
 * before it deletes what is gone, cannot turn one kind into the other. It refuses the change set for the conflict of names
 * (CloudFormation User Guide, "Validate stack deployments"), or fails at the first alias and rolls back; that is in the keys'
 * stacks, which come first, and in the data's own where somebody deploys that alone. The other stacks import the keys by exports
 * that are named by these ids, and so stop, too.
 */
export const whereDataIs = (stack: Construct, { disposable }: Kind): Construct =>
  disposable ? new Construct(stack, 'disposable') : stack;
