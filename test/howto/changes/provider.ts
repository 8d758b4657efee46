import type { Howto } from '../howto';

/** A provider is added to a deployment in cdk.json only. */
export const PROVIDER: Howto = {
  name: 'a provider',
  atMost: 1,
  edits: [
    {
      file: 'cdk.json',
      json: ['context', 'keyward', 'providers'],
      value: (old) => [...(old as readonly string[]), 'mistral'],
    },
  ],
  tests: [
    'test/infra/api/caller-policies.test.ts',
    'test/infra/costs/costs.test.ts',
    'test/infra/stacks/stacks.test.ts',
  ],
  shows: {
    file: 'test/infra/mistral.test.ts',
    text: `import { synthesize } from './synthesize';
import { CDK_JSON, REGIONS, resourcesOf } from './synthesized';

const { templates } = synthesize(CDK_JSON.context.keyward);

test.each(REGIONS)('the functions in %s serve the provider, and a policy grants its use', (region) => {
  const template = templates.get(\`keyward-api-\${region}\`)!;
  const functions = resourcesOf(template, 'AWS::Lambda::Function').map(([, each]) => JSON.stringify(each.Properties));
  expect(functions.filter((each) => each.includes(',mistral"')).length).toBeGreaterThan(5);
  const policies = resourcesOf(template, 'AWS::IAM::ManagedPolicy').map(([, each]) => each.Properties);
  const names = policies.map((each) => each['ManagedPolicyName']);
  expect(names).toContain(\`keyward-\${region}-mistral-decrypt\`);
});
`,
  },
};
