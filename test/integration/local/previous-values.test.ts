import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LocalProcess, temporaryHome } from './local-process';
import { credentialsOf, send } from './signed-request';

/** Through local mode's gateway, signed, with policies as on AWS: what each grant allows, and how long a value is kept. */

const CREDENTIALS = '/v1/providers/openai/credentials';
const { home, remove } = temporaryHome();
let server: LocalProcess | undefined;
const start = async (env: Record<string, string> = {}): Promise<LocalProcess> => {
  server = await LocalProcess.start(home, env);
  return server;
};

afterAll(async () => {
  await server?.stop('SIGKILL');
  remove();
});

/** Gives the second user the policy of one grant. */
function grant(...actions: readonly string[]): void {
  const path = join(home, 'principals.json');
  const record = JSON.parse(readFileSync(path, 'utf8')) as {
    principals: { user: string; policy: { Statement: { Resource: string[] }[] } }[];
  };
  const { policy } = record.principals.find(({ user }) => user === 'openai-only')!;
  policy.Statement[0]!.Resource = actions.map((action) => `arn:aws:execute-api:*:000000000000:local/local/${action}`);
  writeFileSync(path, JSON.stringify(record));
}

/** The status of a call by the second user. */
async function status(method: string, path: string, body?: object): Promise<number> {
  const request = { method, url: `${server!.url}${path}`, ...(body && { body: JSON.stringify(body) }) };
  return (await send(credentialsOf(home, 'openai-only'), request)).status;
}

const put = (name: string, apiKey: string) =>
  server!.call('PUT', `${CREDENTIALS}/${name}`, { api_key: apiKey, metadata: { team: 'search' } });

test('the user of a first start may do all of it for openai: replace, look back, restore, patch, purge, delete, list', async () => {
  await start();
  for (const key of ['first-example', 'second-example']) expect((await put('all', key)).status).toBeLessThan(300);
  const path = `${CREDENTIALS}/all`;
  expect(await status('GET', `${path}/previous`)).toBe(200);
  expect(await status('POST', `${path}/restore`, { revision: 1 })).toBe(200);
  expect((await server!.call('POST', `${path}/reveal`)).body['api_key']).toBe('first-example');
  expect(await status('PATCH', path, { metadata: { team: null } })).toBe(200);
  expect((await server!.call('POST', `${path}/reveal`)).body).toMatchObject({ api_key: 'first-example', metadata: {} });
  expect(await status('POST', `${path}/purge`)).toBe(204);
  expect(await status('POST', `${path}/restore`, { revision: 2 })).toBe(404);
  expect(await status('DELETE', path)).toBe(204);
  const deleted = await server!.call('GET', `${CREDENTIALS}?deleted=true`);
  expect(deleted.body['deleted']).toMatchObject([{ name: 'all', previous: { metadata: {} } }]);
  expect(await status('DELETE', `${CREDENTIALS}/all?previous=purge`)).toBe(404);
});

const below = (method: string, end = ''): string => `${method}/v1/providers/openai/credentials/*${end}`;
/** As lib/api/caller-policies.ts makes them from the operations. */
const POLICIES: Readonly<Record<string, readonly string[]>> = {
  'manage-credentials': [`GET/v1/providers/openai/credentials`, below('PUT'), below('GET'), below('DELETE')],
  'change-metadata': [below('PATCH')],
  'restore-credentials': [below('GET', '/previous'), below('POST', '/restore')],
  'purge-credentials': [below('POST', '/purge')],
};
const REFUSED = 403;

test.each([
  ['manage-credentials', { previous: 200, restore: REFUSED, patch: REFUSED, purge: REFUSED }],
  ['change-metadata', { previous: REFUSED, restore: REFUSED, patch: 200, purge: REFUSED }],
  ['restore-credentials', { previous: 200, restore: 200, patch: REFUSED, purge: REFUSED }],
  ['purge-credentials', { previous: REFUSED, restore: REFUSED, patch: REFUSED, purge: 204 }],
])('%s alone', async (name, expected) => {
  await server!.stop();
  grant(...POLICIES[name]!);
  await start();
  for (const key of ['first-example', 'second-example']) expect((await put(name, key)).status).toBeLessThan(300);
  const path = `${CREDENTIALS}/${name}`;
  const found = {
    previous: await status('GET', `${path}/previous`),
    restore: await status('POST', `${path}/restore`, { revision: 1 }),
    patch: await status('PATCH', path, { metadata: { base_url: 'https://api.example.com' } }),
    purge: await status('POST', `${path}/purge`),
  };
  expect(found).toEqual(expected);
});

test('KEYWARD_PREVIOUS_VALUE_DAYS says for how long: 0 keeps nothing and ends what is there; more than 90 is refused', async () => {
  for (const key of ['first-example', 'second-example']) expect((await put('days', key)).status).toBeLessThan(300);
  const path = `${CREDENTIALS}/days`;
  const { previous } = (await server!.call('GET', path)).body as {
    previous: { revision: number; replaced_at: string; expires_at: string };
  };
  expect(previous.revision).toBe(1);
  expect(Date.parse(previous.expires_at) - Date.parse(previous.replaced_at)).toBe(30 * 86_400_000);
  await server!.stop();
  await start({ KEYWARD_PREVIOUS_VALUE_DAYS: '0' });
  expect((await server!.call('GET', path)).body['previous']).toBeUndefined();
  expect((await server!.call('GET', `${path}/previous`)).body['code']).toBe('previous_value_not_found');
  expect((await server!.call('DELETE', path)).status).toBe(204);
  expect((await server!.call('GET', `${CREDENTIALS}?deleted=true`)).body['deleted']).not.toContainEqual(
    expect.objectContaining({ name: 'days' }),
  );
  await server!.stop();
  for (const days of ['91', '-1', 'x', '1.5']) {
    const refused = await start({ KEYWARD_PREVIOUS_VALUE_DAYS: days });
    expect(refused.output).toMatch(/^keyward: KEYWARD_PREVIOUS_VALUE_DAYS must be [^\n]+\n$/);
    expect(await refused.stop()).toBe(1);
  }
});
