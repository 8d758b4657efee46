import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  makeRotator,
  startVaultUnderTest,
  variablesFor,
  type VaultUnderTest,
} from '../../contract/vault/vault-under-test';
import { EFFORT } from '../../effort';
import { answered } from '../../reply-body';
import { inTime, patiently, until } from '../../until';
import { inParallel } from '../in-parallel';
import { temporaryHome } from './local-process';
import { credentialsOf, send, type Reply } from './signed-request';

/** The KEK moves into Vault and back, while the server is killed at random and somebody asks for a rotation. */

type Home = 'local' | 'vault';

const CREDENTIALS = EFFORT > 1 ? 1_000 : 40;
/** Kills in each move before its switch, and from then on. */
const KILLS = EFFORT > 1 ? 12 : 1;
/** There and back, or there alone. */
const MOVES: readonly (readonly [Home, Home])[] =
  EFFORT > 1
    ? [
        ['local', 'vault'],
        ['vault', 'local'],
      ]
    : [['local', 'vault']];
const SHOWN = 10;
const STEP_MS = 2_000;
const LONGEST_LIFE_MS = 400;
const openai = '/v1/providers/openai';
const keyOf = (index: number): string => `sk-example-not-a-real-key-${index}`;

let vault: VaultUnderTest;
let variables: Record<string, string>;
let home: string;
let remove: () => void;
let server: { readonly child: ChildProcess; readonly url: string } | undefined;
beforeEach(async () => {
  vault = await startVaultUnderTest();
  variables = await variablesFor(vault, await makeRotator(vault));
  ({ home, remove } = temporaryHome());
});
afterEach(async () => {
  await kill();
  remove();
  await vault.close();
});

async function start(target: Home, movingFrom: Home | '' = ''): Promise<void> {
  await kill();
  const child = spawn(
    process.execPath,
    ['--require', require.resolve('tsx/cjs'), join(__dirname, 'kek-move-child.ts'), home, String(STEP_MS)],
    {
      env: {
        ...process.env,
        NODE_NO_WARNINGS: '1',
        ...variables,
        SECRETS_PROVIDER: target,
        KEYWARD_KEK_MOVING_FROM: movingFrom,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  const url = new Promise<string>((resolve, reject) => {
    const collect = (chunk: Buffer): void => {
      output += chunk.toString('utf8');
      const [, found] = /running at (\S+)\n/.exec(output) ?? [];
      if (found !== undefined) resolve(found);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('close', () => {
      reject(new Error(`the server has ended: ${output}`));
    });
  });
  server = { child, url: await inTime('the server runs', url) };
}

async function kill(): Promise<void> {
  if (server === undefined) return;
  const { child } = server;
  server = undefined;
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
}

const call = (method: string, path: string, body?: unknown): Promise<Reply> =>
  send(credentialsOf(home, 'default'), {
    method,
    url: `${server!.url}${path}`,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });

async function expectOpen(indexes: readonly number[]): Promise<void> {
  await inParallel(indexes.length, async (at) => {
    const index = indexes[at]!;
    const reply = await patiently(() => call('POST', `${openai}/credentials/service-${index}/reveal`));
    expect(answered(reply).body['api_key']).toBe(keyOf(index));
  });
}

const some = (): readonly number[] => Array.from({ length: SHOWN }, () => Math.floor(Math.random() * CREDENTIALS));

/** Sends a command and kills the server at some moment, often before its answer. */
async function commandAndKill(body: object): Promise<void> {
  const sent = call('POST', '/v1/kek/move', body).catch(() => undefined);
  await delay(Math.random() * LONGEST_LIFE_MS);
  await kill();
  await sent;
}

/** Repeats a command until the move is in a state, with so many kills on the way. */
async function command(body: object, state: string, between: () => Promise<void>): Promise<void> {
  for (let kills = 0; kills < KILLS; kills += 1) {
    await commandAndKill(body);
    await between();
    await expectOpen(some());
  }
  await until(
    `the move is ${state}`,
    async () => answered(await patiently(() => call('POST', '/v1/kek/move', body))).body['state'],
    (reached) => reached === state,
  );
}

async function moveTo(from: Home, to: Home): Promise<void> {
  const both = () => start(to, from);
  await both();
  await command({ action: 'begin', from, to }, 'switched', both);
  const rotation = await call('POST', '/v1/kek/rotate');
  expect(rotation).toMatchObject({ status: 409, body: { code: 'conflict' } });
  await expectOpen(some());
  await command({ action: 'finish' }, 'finished', both);
  await start(to);
  await expectOpen(some());
}

test('every credential decrypts at every point and afterwards', async () => {
  await start('local');
  await inParallel(CREDENTIALS, async (index) => {
    answered(await patiently(() => call('PUT', `${openai}/credentials/service-${index}`, { api_key: keyOf(index) })));
  });
  for (const [from, to] of MOVES) {
    await moveTo(from, to);
    answered(await call('POST', '/v1/kek/rotate'));
  }
  await expectOpen([...Array(CREDENTIALS).keys()]);
  const [from, to] = MOVES.at(-1)!;
  const { body } = await call('GET', '/v1/kek');
  expect(body).toMatchObject({ source: to, move: { from, to, state: 'finished' } });
});
