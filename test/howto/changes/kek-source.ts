import type { Howto } from '../howto';

/** An adapter, its name among the sources, and the one place that makes it. */
export const KEK_SOURCE: Howto = {
  name: 'a KEK source',
  atMost: 3,
  edits: [
    { place: 'KEK_SOURCES', append: "'nowhere'" },
    {
      file: 'lambdas/adapters/system/no-secrets.ts',
      uses: ['keysUnavailable', 'type SecretsProvider'],
      text: `
/** A source that never has a KEK: nothing opens and nothing is sealed. */
export const noSecrets: SecretsProvider = {
  current: () => Promise.reject(keysUnavailable('no_region_answered')),
  refresh: () => Promise.reject(keysUnavailable('no_region_answered')),
};
`,
    },
    { place: 'SECRETS', append: 'nowhere: () => noSecrets', uses: ['noSecrets'] },
  ],
  tests: ['test/unit/runtime', 'test/integration/dependency-rules.test.ts'],
  shows: {
    file: 'test/unit/runtime/no-secrets.test.ts',
    uses: ['readConfiguration', 'secretsFrom'],
    text: `
test('whoever configures the source gets it', async () => {
  const names = ['KEYSETS_TABLE', 'CREDENTIALS_TABLE', 'AUDIT_TABLE', 'ROTATIONS_TABLE', 'KEK_SECRET'];
  const required = Object.fromEntries(names.map((name) => [\`KEYWARD_\${name}\`, 'x']));
  const environment = { ...required, AWS_REGION: 'us-east-1', KEYWARD_REGIONS: 'us-east-1', SECRETS_PROVIDER: 'nowhere' };
  const configuration = readConfiguration(environment);
  expect(configuration.kekSource).toBe('nowhere');
  await expect(secretsFrom({ configuration } as never, []).current()).rejects.toMatchObject({ code: 'keys_unavailable' });
});
`,
  },
};
