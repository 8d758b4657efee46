import type { Howto } from '../howto';

/** A region is added to a deployment in cdk.json only. */
export const REGION: Howto = {
  name: 'a region',
  atMost: 1,
  edits: [
    {
      file: 'cdk.json',
      json: ['context', 'keyward', 'replica_regions'],
      value: (old) => [...(old as readonly string[]), 'sa-east-1'],
    },
  ],
  tests: [
    'test/infra/costs/costs.test.ts',
    'test/infra/stacks/frozen.test.ts',
    'test/infra/data/keys.test.ts',
    'test/infra/data/replication.test.ts',
    'test/infra/stacks/upgrade.test.ts',
  ],
  shows: {
    file: 'test/infra/sa-east-1.test.ts',
    text: `import { synthesize } from './synthesize';
import { CDK_JSON, resourcesOf } from './synthesized';

const { templates } = synthesize(CDK_JSON.context.keyward);

test('the region has its keys, its API and a replica of every table', () => {
  expect(resourcesOf(templates.get('keyward-keys-sa-east-1')!, 'AWS::KMS::Key')).toHaveLength(4);
  expect(resourcesOf(templates.get('keyward-api-sa-east-1')!, 'AWS::ApiGateway::RestApi')).toHaveLength(1);
  const tables = resourcesOf(templates.get('keyward-data')!, 'AWS::DynamoDB::GlobalTable');
  expect(tables.length).toBeGreaterThan(3);
  for (const [, { Properties }] of tables) {
    expect(Properties['Replicas']).toContainEqual(expect.objectContaining({ Region: 'sa-east-1' }));
  }
});
`,
  },
};
