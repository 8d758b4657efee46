import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createSystemRandomness } from '../../../lambdas/adapters/system/system-randomness';
import { newKeyset } from '../../../lambdas/core/keysets/dek-keyset';
import type { KeysetRecord } from '../../../lambdas/core/keysets/keyset-record';
import { newKekSecretRecord, parseKekSecret, serializeKekSecret } from '../../../lambdas/core/crypto/kek-keyset';
import { KeysetMarks } from '../../../local/storage/keyset-marks';
import { rememberVersions } from '../../../local/storage/remember-versions';
import { temporaryDirectory } from './temporary-directory';

const randomness = createSystemRandomness();
const { primary } = parseKekSecret(serializeKekSecret(newKekSecretRecord(randomness, 0)));
const first = newKeyset('openai', primary, 0, randomness);
/** As if a higher version had been taken out of it: what it is under is not looked at here. */
const higher = (highest: number): KeysetRecord => ({ ...first, highest_version: highest });
const outdated = { code: 'store_unavailable', reason: 'keyset_outdated' };

const parent = temporaryDirectory();
let homes = 0;
let home: string;
let stored: unknown;
let result: 'written' | 'refused';

beforeEach(() => {
  home = join(parent, String((homes += 1)));
  mkdirSync(home);
  stored = undefined;
  result = 'written';
});

const open = async () =>
  rememberVersions(
    {
      region: 'us-east-1',
      all: () => Promise.resolve([{ provider: 'openai', value: stored }]),
      get: () => Promise.resolve(stored),
      create: () => Promise.resolve(result),
      replace: () => Promise.resolve(result),
    },
    await KeysetMarks.open(home, randomness),
  );

test('what was stored is remembered over a start, by the highest version, and an older keyset is no answer', async () => {
  const store = await open();
  expect(await store.create(first)).toBe('written');
  expect(await store.replace(higher(10), 1)).toBe('written');
  expect(await store.replace(higher(9), 2)).toBe('written');
  expect(readdirSync(join(home, 'keysets')).sort()).toEqual(['openai@1', 'openai@10']);
  for (const each of [store, await open()]) {
    stored = higher(9);
    await expect(each.get('openai')).rejects.toMatchObject(outdated);
    stored = higher(10);
    expect(await each.get('openai')).toBe(stored);
    expect(await each.all()).toEqual([{ provider: 'openai', value: stored }]);
  }
});

test('what was refused, and what another provider has, says nothing', async () => {
  const store = await open();
  result = 'refused';
  await store.create(higher(7));
  await store.replace(higher(7), 1);
  result = 'written';
  await store.create({ ...higher(7), provider: 'openai-eu' });
  stored = first;
  expect(await store.get('openai')).toBe(first);
});

test.each([undefined, null, 'text', {}, { ...first, versions: { 99: {} } }])(
  'what is no keyset is left to who reads it: %j',
  async (value) => {
    const store = await open();
    await store.create(higher(3));
    stored = value;
    expect(await store.get('openai')).toBe(value);
  },
);

test('a keyset is stored also where the mark cannot be made', async () => {
  const store = await open();
  rmSync(join(home, 'keysets'), { recursive: true });
  expect(await store.create(first)).toBe('written');
});
