import { MAX_METADATA_BYTES, MAX_METADATA_MEMBERS } from '../../../lambdas/core/credentials/credential';
import type { JsonValue } from '../../../lambdas/core/crypto/canonical-json';
import { failureOf } from '../keysets/failure-of';
import { UndoWorld } from './undo-world';

const KEY = 'first-example-key-1111';
const AT = '2026-11-21T09:00:00.000Z';

async function stored(): Promise<UndoWorld> {
  const world = new UndoWorld();
  await world.put('before-example-key-0000', { base_url: 'https://before.example.com' });
  await world.put(KEY, { base_url: 'https://first.example.com', contact: { mail: 'a@example.com', phone: '1' } });
  world.clock.time += 1000;
  return world;
}

test('seals the same key anew with the metadata that results, under a new revision; the previous value stays', async () => {
  const world = await stored();
  const before = world.live;
  expect(await world.patch({ base_url: null, contact: { phone: null }, team: 'search' })).toStrictEqual({
    ...world.place,
    hint: '1111',
    key_version: 1,
    revision: 3,
    metadata: { contact: { mail: 'a@example.com' }, team: 'search' },
    created_at: AT,
    updated_at: '2026-11-21T09:00:01.000Z',
    previous: { revision: 1, replaced_at: AT, expires_at: '2026-12-21T09:00:00.000Z' },
  });
  expect(world.previous).toStrictEqual(before.previous);
  expect(world.live.ciphertext).not.toBe(before.ciphertext);
  expect(await world.reveal()).toBe(KEY);
});

test('is on record as an encryption of its own name, without the metadata', async () => {
  const world = await stored();
  await world.patch({ team: 'search-team' });
  const [intent, outcome] = world.audit.events.slice(-2);
  for (const event of [intent, outcome]) {
    expect(event).toMatchObject({
      event_type: 'encrypt',
      key_version: 1,
      metadata: { operation: 'patch_metadata', credential: 'default', revision: 3, previous_value: 'left' },
    });
  }
  expect(outcome).toMatchObject({ success: true, metadata: { outcome: 'written' } });
  expect(JSON.stringify(world.audit.events)).not.toContain('search-team');
});

test('is sealed under the primary', async () => {
  const world = await stored();
  world.publish(world.rotated('openai', 'decrypt_only'));
  world.restart();
  expect(await world.patch({})).toMatchObject({ key_version: 2 });
  expect(world.live.ciphertext).toMatch(/^kw1\.openai\.2\./);
  expect(world.previous.key_version).toBe(1);
});

test('changes nothing where the value does not open with what stands beside it: an edit would be sealed in', async () => {
  const world = await stored();
  world.edit({ metadata: { base_url: 'https://elsewhere.example.com' } });
  const before = world.row;
  expect((await failureOf(world.patch({ team: 'search' }))).code).toBe('credential_damaged');
  expect(world.row).toStrictEqual(before);
  expect(world.lastEvent).toMatchObject({ success: false, metadata: { operation: 'patch_metadata' } });
  world.credentials.rows.set('openai/default', {
    ...world.place,
    ...{ revision: 2, write_id: 'w' },
    damaged: true,
    key_version: 1,
    row: {},
  });
  expect((await failureOf(world.patch({}))).code).toBe('credential_damaged');
});

test('needs the keys, and a credential', async () => {
  const world = await stored();
  world.secrets.lose();
  world.restart();
  expect((await failureOf(world.patch({}))).code).toBe('keys_unavailable');
  expect((await failureOf(new UndoWorld().patch({}))).code).toBe('credential_not_found');
});

test.each([
  ['too many members', Object.fromEntries(Array.from({ length: MAX_METADATA_MEMBERS }, (_, at) => [`m${at}`, at]))],
  ['too many bytes', { long: 'x'.repeat(MAX_METADATA_BYTES - 50) }],
  ['too deep a member', { contact: { a: { b: { c: {} } } } }],
  ['a number out of range', { number: 1e101 }],
  ['a member without a name', { '': 1 }],
] as [string, Record<string, JsonValue>][])('is refused where what results has %s', async (_what, patch) => {
  const world = await stored();
  const before = world.row;
  expect((await failureOf(world.patch(patch))).code).toBe('invalid_request');
  expect(world.row).toStrictEqual(before);
});

test('may take members away where there were as many as there may be', async () => {
  const world = new UndoWorld();
  const full = Object.fromEntries(Array.from({ length: MAX_METADATA_MEMBERS }, (_, at) => [`m${at}`, at]));
  await world.put(KEY, full);
  const { metadata } = await world.patch({ m0: null, another: 1 });
  expect(Object.keys(metadata)).toHaveLength(MAX_METADATA_MEMBERS);
});

test('by a revision, or not', async () => {
  const world = await stored();
  for (const precondition of ['absent', { one_of: [1] }, { none_of: [2] }] as const) {
    expect((await failureOf(world.patch({}, { precondition }))).code).toBe('precondition_failed');
  }
  expect((await world.patch({}, { precondition: { one_of: [2] } })).revision).toBe(3);
});
