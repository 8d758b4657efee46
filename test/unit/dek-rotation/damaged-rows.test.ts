import { TestClock } from '../../doubles/memory-ports';
import type { CredentialRecord, DamagedCredential } from '../../../lambdas/core/credentials/credential';
import { createListCredentials } from '../../../lambdas/core/credentials/read-credentials';
import { DekRotationWorld } from '../../doubles/dek-rotation-world';
import { caller, World } from '../../doubles/world';
import { failureOf } from '../keysets/failure-of';

const provider = 'openai';
const name = 'default';
const key = `${provider}/${name}`;
const apiKey = 'sk-example-not-a-real-key';
const command = { provider, name, api_key: apiKey, metadata: {} };

/** A world whose only credential has the given damage. */
async function withDamaged(left: Partial<DamagedCredential>): Promise<World> {
  const world = new World();
  await world.application.putCredential(caller, command);
  const damaged: DamagedCredential = { provider, name, damaged: true, key_version: 0, row: {}, ...left };
  world.credentials.rows.set(key, damaged);
  return world;
}

test('is told as damaged wherever it is read', async () => {
  const world = await withDamaged({ revision: 1 });
  const query = { provider, name, consistent: false };
  expect((await failureOf(world.application.describeCredential(query))).code).toBe('credential_damaged');
  expect((await failureOf(world.application.revealCredential(caller, query))).code).toBe('credential_damaged');
  expect(world.audit.events.at(-1)).toMatchObject({
    event_type: 'failed_decrypt',
    metadata: { code: 'credential_damaged' },
  });
});

test('is there to every precondition, and can be replaced and deleted by its revision', async () => {
  const world = await withDamaged({ revision: 1 });
  const put = (precondition: object | string) =>
    world.application.putCredential(caller, { ...command, precondition: precondition as never });
  expect((await failureOf(put('absent'))).code).toBe('precondition_failed');
  expect((await failureOf(put({ one_of: [2] }))).code).toBe('precondition_failed');
  expect(await put('exists')).toMatchObject({
    created: false,
    credential: { revision: 2, created_at: '2026-11-21T09:00:00.000Z' },
  });
  const another = await withDamaged({ revision: 1 });
  await another.application.deleteCredential(caller, { provider, name });
  expect(another.credentials.rows.get(key)).toMatchObject({ revision: 2, deleted_at: expect.anything() });
});

test('cannot be replaced where its revision is lost', async () => {
  const world = await withDamaged({});
  expect((await failureOf(world.application.putCredential(caller, command))).code).toBe('credential_damaged');
  expect((await failureOf(world.application.deleteCredential(caller, { provider, name }))).code).toBe(
    'credential_damaged',
  );
  expect((world.credentials.rows.get(key) as CredentialRecord | undefined)?.revision).toBeUndefined();
});

test('is named on its page of the list', async () => {
  const page = { credentials: [], damaged: [name], next: name };
  const reader = { get: async () => undefined, list: async () => page, listDeleted: async () => ({ deleted: [] }) };
  const list = createListCredentials({
    credentials: { local: reader, home: reader as never },
    clock: new TestClock(),
    previousValueDays: 30,
  });
  expect(await list({ provider, limit: 1, consistent: false })).toEqual(page);
});

test('a damaged keyset is named, and takes no other with it', async () => {
  const world = new World();
  world.local.records.set('openai', { ...world.keyset('openai'), rotation: 7 as never });
  expect(await world.application.listKeysets()).toMatchObject([
    { provider: 'openai', damaged: true },
    { provider: 'google', revision: 1 },
  ]);
  expect((await failureOf(world.application.describeKeyset('openai'))).code).toBe('keys_unavailable');
});

test('a damaged report is named in the list, and takes no other with it', async () => {
  const world = new DekRotationWorld();
  const first = await world.rotate({ emergency: true });
  // Ids of one millisecond have no order.
  world.clock.time += 1;
  const second = await world.rotate({ emergency: true });
  const damaged = { provider, rotation_id: second, damaged: true } as const;
  const reports = world.rotations.reports.bind(world.rotations);
  world.rotations.reports = async (...query) =>
    (await reports(...query)).map((report) => (report.rotation_id === second ? damaged : report));
  const list = (page: object) => world.use.listRotations({ provider, limit: 20, ...page });
  expect(await list({})).toEqual({ rotations: [expect.objectContaining({ rotation_id: first })], damaged: [second] });
  expect(await list({ limit: 1 })).toEqual({ rotations: [], damaged: [second], next: second });
  expect(await list({ before: second })).toEqual({ rotations: [expect.objectContaining({ rotation_id: first })] });
});
