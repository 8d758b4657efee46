import { readFileSync, rmSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { readVaultSettings } from '../../../lambdas/adapters/vault/vault-settings';
import { VaultKekStore } from '../../../lambdas/adapters/vault/vault-kek-store';
import { LOCAL_REGION } from '../../../lambdas/core/contract/local-mode';
import { parseKekSecretRecord } from '../../../lambdas/core/crypto/kek-keyset';
import {
  makeRotator,
  openFor,
  startVaultUnderTest,
  variablesFor,
  type VaultUnderTest,
} from '../../contract/vault/vault-under-test';
import { TestClock } from '../../doubles/memory-ports';
import { answered } from '../../reply-body';
import { until } from '../../until';
import { openLocalWorld, type LocalWorld } from './local-composition';
import { temporaryHome } from './local-process';

/** The KEK of local mode moves into Vault and back, in this process. */

type Home = 'local' | 'vault';

const STEP_MS = 60_000;
const openai = '/v1/providers/openai';
const KEY = 'sk-example-not-a-real-key';

let vault: VaultUnderTest;
let settings: ReturnType<typeof readVaultSettings>;
let store: VaultKekStore;
let home: string;
let remove: () => void;
let world: LocalWorld | undefined;
beforeEach(async () => {
  vault = await startVaultUnderTest();
  const rotator = await makeRotator(vault);
  settings = readVaultSettings(await variablesFor(vault, rotator), LOCAL_REGION);
  store = new VaultKekStore((await openFor(vault, rotator, new TestClock())).access);
  ({ home, remove } = temporaryHome());
});
afterEach(async () => {
  await stop();
  remove();
  await vault.close();
});

const stop = async (): Promise<void> => {
  await world?.close();
  world = undefined;
};

/** A start with these variables. */
async function start(target: Home, movingFrom?: Home): Promise<LocalWorld> {
  await stop();
  const kekHomes = { home: target, ...(movingFrom !== undefined && { movingFrom }) };
  const usesVault = target === 'vault' || movingFrom === 'vault';
  world = await openLocalWorld(home, undefined, undefined, {
    kekHomes,
    kekStepMs: STEP_MS,
    ...(usesVault && { vault: settings }),
  });
  return world;
}

const post = async (body: object) => {
  const reply = await world!.call('POST', '/v1/kek/move', body);
  expect(reply.status).toBe(200);
  return reply.body;
};
const opens = async (): Promise<unknown> =>
  (await world!.call('POST', `${openai}/credentials/service/reveal`)).body['api_key'];
const fileText = (): string => readFileSync(join(home, 'kek.json'), 'utf8');

async function moveTo(from: Home, to: Home): Promise<void> {
  await start(to, from);
  // What npm start prints: the KEK is in the old home until the switch.
  expect(world!.composition.kekPlace).toMatchObject({ source: from });
  expect(await post({ action: 'begin', from, to })).toMatchObject({ state: 'copying', waiting_for: [] });
  expect(await opens()).toBe(KEY);
  world!.clock.forward({ seconds: STEP_MS / 1000 });
  expect(await post({ action: 'begin', from, to })).toMatchObject({ state: 'switched', from, to });
  expect(await opens()).toBe(KEY);
  expect(await post({ action: 'finish' })).toMatchObject({ state: 'finished', waiting_for: [] });
}

async function rotateNow(): Promise<void> {
  const before = answered(await world!.call('GET', '/v1/kek')).body['version_id'];
  expect((await world!.call('POST', '/v1/kek/rotate')).status).toBe(202);
  await until('the KEK is rotated', async () => {
    const { body } = await world!.call('GET', '/v1/kek');
    return body['version_id'] !== before && body['pending'] === null;
  });
}

const keksIn = (text: string): readonly string[] => Object.keys(parseKekSecretRecord(text).keys);

test('into Vault and back, with a rotation in each home: everything opens at every point', async () => {
  await start('local');
  answered(await world!.call('PUT', `${openai}/credentials/service`, { api_key: KEY }));
  const first = fileText();

  await moveTo('local', 'vault');
  expect((await store.current()).value).toBe(first);
  expect(fileText()).toBe(first);
  await start('vault');
  expect(await opens()).toBe(KEY);
  expect((await world!.call('GET', '/v1/kek')).body).toMatchObject({
    source: 'vault',
    move: { from: 'local', to: 'vault', state: 'finished' },
  });
  await rotateNow();
  expect(await opens()).toBe(KEY);
  expect(keksIn((await store.current()).value)).toHaveLength(2);
  expect(fileText()).toBe(first);

  await moveTo('vault', 'local');
  expect(fileText()).toBe((await store.current()).value);
  await start('local');
  expect(await opens()).toBe(KEY);
  await rotateNow();
  expect(await opens()).toBe(KEY);
  expect(keksIn(fileText())).toHaveLength(3);
  expect(keksIn((await store.current()).value)).toHaveLength(2);

  // The file is not needed while the KEK is in Vault, and is made anew.
  await moveTo('local', 'vault');
  await stop();
  rmSync(join(home, 'kek.json'));
  await start('vault');
  expect(await opens()).toBe(KEY);
  await moveTo('vault', 'local');
  expect(await opens()).toBe(KEY);
  expect(existsSync(join(home, 'kek.json'))).toBe(true);
});

test('while a move stands nothing rotates, and no new provider gets a keyset; after it both do', async () => {
  await start('local');
  answered(await world!.call('PUT', `${openai}/credentials/service`, { api_key: KEY }));
  await start('vault', 'local');
  await post({ action: 'begin', from: 'local', to: 'vault' });
  const refused = await world!.call('POST', '/v1/kek/rotate');
  expect(refused).toMatchObject({ status: 409, body: { code: 'conflict' } });
  expect(refused.body['detail']).toBe('the KEK is being moved from local to vault');
  world!.clock.forward({ days: 91 });
  await world!.composition.runtime.application.sweep();
  expect(world!.logger.lines.some(({ message }) => message.startsWith('the KEK is due for its rotation'))).toBe(true);
  expect((await world!.call('GET', '/v1/kek')).body).toMatchObject({ source: 'vault', move: { state: 'switched' } });
  expect(keksIn((await store.current()).value)).toHaveLength(1);
  await post({ action: 'finish' });
  await world!.composition.runtime.application.sweep();
  expect(keksIn((await store.current()).value)).toHaveLength(2);
  expect(await opens()).toBe(KEY);
});

test('is aborted, and the old home goes on', async () => {
  await start('local');
  answered(await world!.call('PUT', `${openai}/credentials/service`, { api_key: KEY }));
  await start('vault', 'local');
  await post({ action: 'begin', from: 'local', to: 'vault' });
  world!.clock.forward({ seconds: STEP_MS / 1000 });
  await post({ action: 'begin', from: 'local', to: 'vault' });
  expect(await post({ action: 'abort' })).toMatchObject({ state: 'aborted', waiting_for: [] });
  await rotateNow();
  expect(await opens()).toBe(KEY);
  expect(keksIn(fileText())).toHaveLength(2);
  await start('local');
  expect(await opens()).toBe(KEY);
  await moveTo('local', 'vault');
  expect(keksIn((await store.current()).value)).toHaveLength(2);
});

const refusal = async (...homes: [Home, Home?]): Promise<string> =>
  start(...homes).then(
    () => 'started',
    (thrown: unknown) => (thrown as Error).message,
  );

test('a start refuses another home than that of the KEK, in one sentence, and changes nothing', async () => {
  await start('local');
  answered(await world!.call('PUT', `${openai}/credentials/service`, { api_key: KEY }));
  await start('vault', 'local');
  const text = fileText();
  expect(await refusal('vault')).toMatch(/was not moved: set SECRETS_PROVIDER=local, or KEYWARD_KEK_MOVING_FROM=local/);
  await start('vault', 'local');
  await post({ action: 'begin', from: 'local', to: 'vault' });
  const both =
    /^the KEK is being moved from local to vault: set SECRETS_PROVIDER=vault and KEYWARD_KEK_MOVING_FROM=local$/;
  for (const homes of [['local'], ['vault'], ['local', 'vault']] as [Home, Home?][]) {
    expect(await refusal(...homes)).toMatch(both);
  }
  await moveTo('local', 'vault');
  expect(await refusal('local')).toBe('the KEK was moved: set SECRETS_PROVIDER=vault');
  expect(fileText()).toBe(text);
  await start('vault');
  expect(await opens()).toBe(KEY);
});
