import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocal, type LocalServer } from '../../../local/start-local';
import { startupBanner } from '../../../local/startup-banner';
import { AMPLE_LOCAL } from '../../ample-limits';
import { answered } from '../../reply-body';
import { byTurns } from '../../turn';
import { until } from '../../until';
import { credentialsOf, send, type Reply } from './signed-request';

const PARTS = ['kek.json', 'keysets', 'dynamodb', 'audit', 'credentials', 'principals.json', 'version'] as const;
type Part = (typeof PARTS)[number];
/** The days within which the effort of 1 tries every combination of losses; `npm run test:long` does it at once. */
const TURNS = 3;
const openai = '/v1/providers/openai';

const parent = mkdtempSync(join(tmpdir(), 'keyward-test-'));
afterAll(() => {
  rmSync(parent, { recursive: true, force: true });
});

/** Two providers; one is new if `more` is given. */
const start = (home: string, log: string[] = [], more = ''): Promise<LocalServer> =>
  startLocal({
    home,
    env: { PORT: '0', KEYWARD_PROVIDERS: `openai,google${more}` },
    writeLog: (line) => log.push(line),
    limits: AMPLE_LOCAL,
  });

const call = (server: LocalServer, home: string, method: string, path: string, body?: unknown): Promise<Reply> =>
  send(credentialsOf(home, 'default'), {
    method,
    url: `${server.url}${path}`,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });

const screenOf = (server: LocalServer, home: string): string =>
  startupBanner({ ...server, home, workingDirectory: parent });

/** All data except what a running process changes itself, and the curl options, which follow the credentials. */
const filesOf = (home: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(home, { recursive: true, encoding: 'utf8' })
      .filter((name) => !/^(dynamodb|owner|running|curl-)/.test(name) && statSync(join(home, name)).isFile())
      .map((name) => [name, readFileSync(join(home, name), 'utf8')]),
  );

describe('a data directory that was in use', () => {
  const original = join(parent, 'original');
  let ciphertext: unknown;
  let copies = 0;

  beforeAll(async () => {
    const server = await start(original);
    ciphertext = (await call(server, original, 'POST', `${openai}/encrypt`, { plaintext: 'x' })).body['ciphertext'];
    answered(await call(server, original, 'PUT', `${openai}/credentials/default`, { api_key: 'y' }));
    await server.close();
    expect(existsSync(join(original, 'first-start'))).toBe(false);
  });

  const copyWithout = (lost: readonly Part[]): string => {
    const home = join(parent, `copy-${(copies += 1)}`);
    cpSync(original, home, { recursive: true, preserveTimestamps: true });
    for (const part of lost) rmSync(join(home, part), { recursive: true });
    return home;
  };
  const decrypt = (server: LocalServer, home: string) =>
    call(server, home, 'POST', `${openai}/decrypt`, { ciphertext });

  const combinations = Array.from({ length: 2 ** PARTS.length }, (_, index) =>
    PARTS.filter((_part, bit) => ((index >> bit) & 1) === 1),
  );
  const isRefused = (lost: readonly Part[]): RegExp | undefined => {
    if (lost.includes('kek.json'))
      return /^\S+kek\.json is missing although an earlier start has made .*restore it from a backup, or move/;
    const isGuarded = lost.includes('principals.json') && !lost.includes('credentials');
    return isGuarded
      ? /^\S+principals\.json is missing.*restore it from a backup, or remove the credentials file/
      : undefined;
  };
  const named = (isWanted: (lost: readonly Part[]) => boolean): (readonly [string, readonly Part[]])[] => {
    const all = combinations.filter(isWanted);
    return byTurns(all, Math.ceil(all.length / TURNS)).map((lost) => [lost.join(', ') || 'nothing', lost]);
  };
  /** The required and the forbidden texts of the first screen. */
  const ATTENTION: readonly (readonly [RegExp, (lost: readonly Part[]) => boolean])[] = [
    [/ATTENTION +the database is new/, (lost) => lost.includes('dynamodb')],
    [/ATTENTION +openai: its keyset is gone/, (lost) => lost.includes('dynamodb')],
    [/ATTENTION +credentials was missing/, (lost) => lost.includes('credentials') && !lost.includes('principals.json')],
    [
      /ATTENTION +credentials and principals\.json were missing/,
      (lost) => lost.includes('credentials') && lost.includes('principals.json'),
    ],
  ];

  test.each(named((lost) => isRefused(lost) !== undefined))(
    'without %s: refused with one sentence, again and again, and nothing is made',
    async (_, lost) => {
      const home = copyWithout(lost);
      const { version: _version, ...before } = filesOf(home);
      for (let round = 0; round < 2; round += 1) {
        await expect(start(home)).rejects.toMatchObject({
          code: 'configuration_invalid',
          message: expect.stringMatching(isRefused(lost)!) as string,
        });
        const { version: _mark, ...after } = filesOf(home);
        expect(after).toEqual(before);
      }
    },
  );

  test.each(named((lost) => isRefused(lost) === undefined))(
    'without %s: it serves and tells the truth, again and again, and nothing is overwritten',
    async (_, lost) => {
      const home = copyWithout(lost);
      const before = filesOf(home);
      for (let round = 0; round < 2; round += 1) {
        const server = await start(home, [], round === 1 ? ',later' : '');
        try {
          const screen = screenOf(server, home);
          if (round === 0) for (const [line, isDue] of ATTENTION) expect(line.test(screen)).toBe(isDue(lost));
          const reply = await decrypt(server, home);
          const ready = await call(server, home, 'GET', '/readyz');
          if (lost.includes('dynamodb')) {
            expect(screen).toMatch(/ATTENTION +the database is new/);
            expect(reply).toMatchObject({ status: 503, body: { code: 'keys_unavailable' } });
            const made = await call(server, home, 'POST', `${openai}/encrypt`, { plaintext: 'x' });
            expect([ready.status, made.status]).toEqual([503, 503]);
            // The tokens issued under it before are unknown.
            if (round === 1) expect(server.keysets).toContainEqual({ provider: 'later', status: 'lost' });
          } else {
            expect(reply).toMatchObject({ status: 200, body: { plaintext: 'x' } });
            expect(ready.status).toBe(200);
            if (round === 1) expect(screen).not.toContain('ATTENTION');
          }
          expect(filesOf(home)).toMatchObject(before);
        } finally {
          await server.close();
        }
      }
    },
  );

  test('a KEK file that is damaged: refused before anything is made in place of what is missing', async () => {
    const home = copyWithout(['credentials']);
    cpSync(join(home, 'principals.json'), join(home, 'kek.json'));
    for (let round = 0; round < 2; round += 1) {
      await expect(start(home)).rejects.toThrow(/kek\.json is damaged: restore it/);
      expect(existsSync(join(home, 'credentials'))).toBe(false);
    }
  });

  test('the KEK file of another installation: said, 503, nothing sealed, no keyset made under it; put right, it goes on', async () => {
    const other = join(parent, 'other');
    await (await start(other)).close();
    const home = copyWithout([]);
    const right = readFileSync(join(home, 'kek.json'), 'utf8');
    cpSync(join(other, 'kek.json'), join(home, 'kek.json'));
    const log: string[] = [];
    const server = await start(home, log, ',later');
    try {
      expect(screenOf(server, home)).toMatch(/ATTENTION +openai: its keyset names a KEK that kek\.json lacks/);
      expect(log.join('')).toMatch(/"level":"ERROR".*kek\.json lacks a KEK that stored keysets are under/);
      expect(server.keysets).toMatchObject([
        { provider: 'openai', reason: 'unknown_kek' },
        { provider: 'google', reason: 'unknown_kek' },
        { provider: 'later', status: 'failed', reason: 'sealing_stopped' },
      ]);
      expect(await decrypt(server, home)).toMatchObject({ status: 503, body: { code: 'keys_unavailable' } });
      cpSync(join(original, 'kek.json'), join(home, 'kek.json'));
      expect(readFileSync(join(home, 'kek.json'), 'utf8')).toBe(right);
      await until(
        'it is ready again',
        () => call(server, home, 'GET', '/readyz'),
        ({ status }) => status === 200,
      );
      expect((await decrypt(server, home)).body['plaintext']).toBe('x');
      await until('it says that it has made the keyset', () =>
        /a keyset that was missing has been made","provider":"later"/.test(log.join('')),
      );
    } finally {
      await server.close();
    }
  });
});

test('an older database in the place of the newest: said, 503 for what it lacks, no number used twice; put back, it goes on', async () => {
  const home = join(parent, 'older');
  const dynamodb = join(home, 'dynamodb');
  const [older, newest] = [join(parent, 'dynamodb-older'), join(parent, 'dynamodb-newest')];
  await (await start(home)).close();
  cpSync(dynamodb, older, { recursive: true, preserveTimestamps: true });
  const rotating = await start(home);
  const asked = { emergency: true, reason: 'test' };
  expect(await call(rotating, home, 'POST', `${openai}/rotate`, asked)).toMatchObject({ status: 202 });
  const { ciphertext } = (await call(rotating, home, 'POST', `${openai}/encrypt`, { plaintext: 'x' })).body;
  expect(ciphertext).toMatch(/^kw1\.openai\.2\./);
  await rotating.close();
  renameSync(dynamodb, newest);
  cpSync(older, dynamodb, { recursive: true, preserveTimestamps: true });
  const decrypt = (server: LocalServer) => call(server, home, 'POST', `${openai}/decrypt`, { ciphertext });
  for (let round = 0; round < 2; round += 1) {
    const server = await start(home);
    try {
      expect(screenOf(server, home)).toMatch(/ATTENTION +openai: the database is older than keysets\//);
      expect(server.keysets).toMatchObject([
        { provider: 'openai', status: 'failed', reason: 'keyset_outdated' },
        { provider: 'google', status: 'ready' },
      ]);
      expect((await decrypt(server)).status).toBe(503);
      expect((await call(server, home, 'POST', `${openai}/encrypt`, { plaintext: 'x' })).status).toBe(503);
      expect((await call(server, home, 'POST', `${openai}/rotate`, asked)).status).toBe(503);
      expect((await call(server, home, 'GET', '/readyz')).status).toBe(503);
      expect((await call(server, home, 'POST', '/v1/providers/google/encrypt', { plaintext: 'x' })).status).toBe(200);
    } finally {
      await server.close();
    }
  }
  rmSync(dynamodb, { recursive: true });
  renameSync(newest, dynamodb);
  const right = await start(home);
  try {
    expect(screenOf(right, home)).not.toContain('ATTENTION');
    expect((await decrypt(right)).body['plaintext']).toBe('x');
  } finally {
    await right.close();
  }
});

test('a first start that was interrupted before it stored a keyset goes on as one', async () => {
  const home = join(parent, 'interrupted');
  const first = await start(home);
  await first.close();
  // The state after the KEK was made.
  for (const part of ['keysets', 'dynamodb', 'audit']) rmSync(join(home, part), { recursive: true });
  const mark = join(home, 'first-start');
  cpSync(join(home, 'version'), mark);
  const again = await start(home);
  try {
    expect(again.databaseIsLost).toBe(false);
    expect(again.keysets.map(({ status }) => status)).toEqual(['created', 'created']);
    expect(existsSync(mark)).toBe(false);
  } finally {
    await again.close();
  }
});
