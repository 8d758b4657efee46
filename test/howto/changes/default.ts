import type { Howto } from '../howto';

/** The stacks, the functions and local mode all use this default. */
export const DEFAULT: Howto = {
  name: 'a default',
  atMost: 1,
  edits: [
    { place: 'DEFAULT_GRACE_PERIOD_DAYS', replace: '14' },
    { file: 'docs/operations.md', words: '| `grace_period_days` | 7 |', by: '| `grace_period_days` | 14 |' },
    {
      file: 'test/integration/cli/cli-dek-rotation.test.ts',
      words: 'grace_period_days +7',
      by: 'grace_period_days +14',
    },
    {
      file: 'test/integration/local/dek-rotation.test.ts',
      words: "every 90 days, grace 7 days'",
      by: "every 90 days, grace 14 days'",
    },
    { file: 'test/unit/keysets/dek-keyset.test.ts', words: 'grace_period_days: 7,', by: 'grace_period_days: 14,' },
    { file: 'test/unit/runtime/configuration.test.ts', words: 'gracePeriodDays: 7,\n', by: 'gracePeriodDays: 14,\n' },
    { file: 'test/unit/runtime/configuration.test.ts', words: '{ gracePeriodDays: 7,', by: '{ gracePeriodDays: 14,' },
  ],
  tests: [
    'test/infra/stacks/deployment.test.ts',
    'test/integration/cli/cli-dek-rotation.test.ts',
    'test/unit/dek-rotation',
    'test/unit/keysets/dek-keyset.test.ts',
    'test/unit/runtime',
  ],
  shows: {
    file: 'test/infra/one-default.test.ts',
    uses: [
      'readConfiguration',
      'readDeployment',
      'newKeyset',
      'test/doubles/memory-ports.ts#newKeks',
      'test/doubles/memory-ports.ts#testRandomness',
    ],
    text: `
test('what is deployed, what runs and the first policy of a provider have the default', () => {
  expect(readDeployment(undefined).gracePeriodDays).toBe(14);
  const names = ['KEYSETS_TABLE', 'CREDENTIALS_TABLE', 'AUDIT_TABLE', 'ROTATIONS_TABLE', 'KEK_SECRET'];
  const required = Object.fromEntries(names.map((name) => [\`KEYWARD_\${name}\`, 'x']));
  const environment = { ...required, AWS_REGION: 'us-east-1', KEYWARD_REGIONS: 'us-east-1' };
  expect(readConfiguration(environment).gracePeriodDays).toBe(14);
  expect(newKeyset('openai', newKeks().primary, 0, testRandomness).rotation_policy.grace_period_days).toBe(14);
});
`,
  },
};
