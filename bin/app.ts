import { App } from 'aws-cdk-lib';
import { OPERATIONS } from '../lambdas/core/runtime/operations';
import { readDeployment } from '../lib/deployment';
import { createStacks } from '../lib/stacks/create-stacks';

const app = new App();
try {
  const deployment = readDeployment(app.node.tryGetContext('keyward'), process.env['CDK_DEFAULT_ACCOUNT']);
  createStacks(app, deployment, Object.values(OPERATIONS));
} catch (thrown) {
  // A person reads this: the sentence, without the stack of where it was found out.
  console.error(thrown instanceof Error ? thrown.message : thrown);
  process.exit(1);
}
app.synth();
