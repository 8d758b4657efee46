import { once } from 'node:events';
import { cpSync, existsSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { createSystemRandomness } from '../../../lambdas/adapters/system/system-randomness';
import { systemClock } from '../../../lambdas/adapters/system/system-clock';
import { ownDataDirectory } from '../../../local/storage/own-data-directory';
import { startLocal } from '../../../local/start-local';
import { inRounds } from '../../effort';
import { until } from '../../until';
import { LocalProcess, temporaryHome } from './local-process';

const KEY = 'sk-example-not-a-real-key';
const PROVIDERS = { KEYWARD_PROVIDERS: 'openai,anthropic' };
const IN_USE = /^keyward: \S+ is in use by another running Keyward \(process (\d+)\); stop that one first\n$/;

let home: string;
let remove: () => void;
let running: LocalProcess[];

beforeEach(() => {
  ({ home, remove } = temporaryHome());
  running = [];
});

afterEach(async () => {
  for (const server of running) await server.stop('SIGKILL');
  remove();
});

async function start(env: Record<string, string> = {}, at = home): Promise<LocalProcess> {
  const server = await LocalProcess.start(at, { ...PROVIDERS, ...env });
  running.push(server);
  return server;
}

async function storeAndSeal(server: LocalProcess, name: string): Promise<string> {
  const stored = await server.call('PUT', `/v1/providers/openai/credentials/${name}`, { api_key: KEY });
  expect(stored.status).toBe(201);
  const sealed = await server.call('POST', '/v1/providers/openai/encrypt', { plaintext: KEY });
  expect(sealed.status).toBe(200);
  return String(sealed.body['ciphertext']);
}

/** Another DEK version: a lost log would lose it and all tokens under it. */
async function rotateAtOnce(server: LocalProcess): Promise<void> {
  const rotation = await server.call('POST', '/v1/providers/openai/rotate', { emergency: true, reason: 'a test' });
  expect(rotation.status).toBe(202);
  await until('version 2 is the primary', async () => {
    const { status, body } = await server.call('GET', '/v1/providers/openai');
    return status === 200 && body['primary_version'] === 2;
  });
}

async function holdsAll(server: LocalProcess, names: readonly string[], tokens: readonly string[]): Promise<void> {
  for (const name of names) {
    const revealed = await server.call('POST', `/v1/providers/openai/credentials/${name}/reveal`);
    expect(revealed).toMatchObject({ status: 200, body: { api_key: KEY } });
  }
  for (const ciphertext of tokens) {
    const path = '/v1/providers/openai/rewrap';
    expect(await server.call('POST', path, { ciphertext })).toMatchObject({ status: 200 });
  }
  const { body } = await server.call('GET', '/v1/audit/events?event_type=encrypt&limit=500');
  const succeeded = (body['events'] as { success: boolean }[]).filter(({ success }) => success);
  expect(succeeded.length).toBeGreaterThanOrEqual(names.length + tokens.length);
}

const portOf = (server: LocalProcess): string => new URL(server.url).port;

async function isRefused(env: Record<string, string>, by: LocalProcess, at = home): Promise<void> {
  const second = await start(env, at);
  expect(second.output).toMatch(IN_USE);
  expect(IN_USE.exec(second.output)?.[1]).toBe(String(by.child.pid));
  expect(await second.stop()).toBe(1);
}

describe('a second process on the same data is refused, and the first loses nothing', () => {
  const STARTS: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ['a first start', {}],
    ['a start with a new provider', { KEYWARD_PROVIDERS: 'openai,anthropic,google' }],
  ];
  it.each(inRounds(STARTS))('%i: after %s, on its port, on another port, twice, by another path', async (...row) => {
    const [, , env] = row;
    if ('KEYWARD_PROVIDERS' in env) {
      const before = await start();
      expect(await before.stop()).toBe(0);
    }
    const first = await start(env);
    const tokens = [await storeAndSeal(first, 'before')];
    await isRefused({ ...env, PORT: portOf(first) }, first);
    await isRefused(env, first);
    await isRefused(env, first);
    const link = join(dirname(home), 'link');
    symlinkSync(home, link);
    await isRefused(env, first, link);
    await rotateAtOnce(first);
    tokens.push(await storeAndSeal(first, 'after'));
    await first.stop('SIGKILL');
    const again = await start(env);
    await holdsAll(again, ['before', 'after'], tokens);
    expect(await again.stop()).toBe(0);
  });

  it.each(inRounds([['']]))('%i: when all start at once on a fresh directory: one is left', async () => {
    const all = await Promise.all([start(), start(), start()]);
    const [winner, ...others] = all.filter(({ url }) => url !== '');
    expect(others).toEqual([]);
    for (const loser of all.filter((each) => each !== winner)) {
      expect(loser.output).toMatch(
        /^keyward: \S+ is in use by another running Keyward( \(process \d+\))?; stop that one first\n$/,
      );
      expect(await loser.stop()).toBe(1);
    }
    const tokens = [await storeAndSeal(winner!, 'kept')];
    await winner!.stop('SIGKILL');
    await holdsAll(await start(), ['kept'], tokens);
  });
});

it('is free again after a SIGKILL, and in a copy', async () => {
  const first = await start();
  const tokens = [await storeAndSeal(first, 'one')];
  await first.stop('SIGKILL');
  const copy = join(dirname(home), 'copy');
  cpSync(home, copy, { recursive: true });
  const second = await start();
  await holdsAll(second, ['one'], tokens);
  await holdsAll(await start({}, copy), ['one'], tokens);
});

it('is free although the lock’s own database is damaged, and keeps out the others all the same', async () => {
  await (await start()).stop();
  writeFileSync(join(home, 'owner', 'CURRENT'), 'nonsense');
  const first = await start();
  expect(first.url).not.toBe('');
  await isRefused({}, first);
});

it('keeps this process from itself, by any path', async () => {
  const deps = { env: { PORT: '0', ...PROVIDERS }, writeLog: () => undefined };
  const server = await startLocal({ home, ...deps });
  const link = join(dirname(home), 'link');
  symlinkSync(home, link);
  const inUse = {
    code: 'configuration_invalid',
    message: expect.stringContaining(`is in use by another running Keyward (process ${process.pid})`) as string,
  };
  await expect(startLocal({ home, ...deps })).rejects.toMatchObject(inUse);
  await expect(startLocal({ home: link, ...deps })).rejects.toMatchObject(inUse);
  // If that had released the lock, another process could start now.
  const other = await start();
  expect(other.output).toMatch(IN_USE);
  await server.close();
  const next = await startLocal({ home, ...deps });
  await next.close();
});

it('can be owned again once it is given up, and says whether its last owner had an end', async () => {
  const deps = { clock: systemClock, randomness: createSystemRandomness() };
  await (await start()).stop();
  const first = await ownDataDirectory(home, deps);
  expect(first.endedCleanly).toBe(true);
  await first.release(false);
  const second = await ownDataDirectory(home, deps);
  expect(second.endedCleanly).toBe(false);
  await second.release(true);
  const third = await ownDataDirectory(home, deps);
  expect(third.endedCleanly).toBe(true);
  await third.release(true);
});

it('says that the port is taken, and leaves nothing behind', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const PORT = String((other.address() as AddressInfo).port);
  const refused = await start({ PORT });
  expect(refused.output).toBe(`keyward: port ${PORT} is in use; set PORT to another one\n`);
  expect(await refused.stop()).toBe(1);
  expect(existsSync(home)).toBe(false);
  await (await start()).stop();
  const before = readdirSync(home).sort();
  const refusedLater = await start({ PORT });
  expect(refusedLater.output).toBe(`keyward: port ${PORT} is in use; set PORT to another one\n`);
  expect(readdirSync(home).sort()).toEqual(before);
  other.close();
});
