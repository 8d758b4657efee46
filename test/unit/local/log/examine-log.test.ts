import { chmodSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkLog } from '../../../../cli/doctor/check-log';
import { openLogDisk } from '../../../../lambdas/adapters/local/log/open-log-disk';
import { createSystemRandomness } from '../../../../lambdas/adapters/system/system-randomness';
import { examineLog } from '../../../../local/log/examine-log';
import { LogWork } from '../../../../local/log/log-work';
import { temporaryDirectory } from '../temporary-directory';

const parent = temporaryDirectory();
const NOW = Date.parse('2026-11-27T10:00:00.000Z');
const HOUR_MS = 3_600_000;
let count = 0;

/** A data directory whose log was published once. */
async function aHome(): Promise<{ readonly home: string; readonly at: (name: string) => string }> {
  const home = join(parent, `home-${(count += 1)}`);
  mkdirSync(join(home, 'audit'), { recursive: true });
  const work = new LogWork({
    journal: join(home, 'audit'),
    log: join(home, 'log'),
    openDisk: openLogDisk,
    origin: 'localhost.localdomain/keyward/local/us-east-1',
    clock: { now: () => NOW },
    randomness: createSystemRandomness(),
    rest: () => Promise.resolve(),
  });
  expect((await work.publish({ end: undefined, hasTakenOver: true }, '')).fault).toBeUndefined();
  return { home, at: (name) => join(home, 'log', name) };
}

test('a log that was published and cosigned is good, and an older one late', async () => {
  const { home, at } = await aHome();
  const before = readdirSync(at(''));
  expect(await examineLog(home, NOW + HOUR_MS)).toEqual({
    state: 'good',
    sentence: 'the transparency log has 0 events, its keys open it',
  });
  expect(await examineLog(home, NOW + 5 * HOUR_MS)).toEqual({
    state: 'late',
    sentence: 'the transparency log has 0 events, and its last checkpoint was signed 5 hours ago',
  });
  expect(await checkLog({ KEYWARD_HOME: home }, NOW)).toMatchObject({ check: 'log', status: 'ok' });
  expect(await checkLog({ KEYWARD_HOME: home }, NOW + 5 * HOUR_MS)).toMatchObject({ status: 'warn' });
  expect(readdirSync(at(''))).toEqual(before);
});

test('a directory that has published nothing has no log', async () => {
  const home = join(parent, 'none');
  expect((await examineLog(home, NOW)).state).toBe('none');
  mkdirSync(join(home, 'audit'), { recursive: true });
  expect((await examineLog(home, NOW)).state).toBe('none');
  mkdirSync(join(home, 'log'));
  expect((await examineLog(home, NOW)).state).toBe('none');
  expect(await checkLog({ KEYWARD_HOME: home }, NOW)).toBeUndefined();
  expect(readdirSync(join(home, 'log'))).toEqual([]);
});

test.each<[string, (at: (name: string) => string) => void, RegExp]>([
  [
    'a missing key',
    (at) => {
      rmSync(at('log.key'));
    },
    /log\.key is missing although the log/,
  ],
  [
    'a key that is open to others',
    (at) => {
      chmodSync(at('cosigner.key'), 0o644);
    },
    /set its mode to 0600/,
  ],
  [
    'a lost log',
    (at) => {
      renameSync(at(''), `${at('')}-lost`);
    },
    /has lost the transparency log/,
  ],
  [
    'an edited checkpoint',
    (at) => {
      writeFileSync(at('checkpoint'), 'x');
    },
    /not what the publisher wrote \(note_form\)/,
  ],
  [
    'a state that is not signed',
    (at) => {
      writeFileSync(at('state'), '{}\n');
    },
    /not what the publisher wrote \(note_form\)/,
  ],
  [
    'a path that cannot be read',
    (at) => {
      rmSync(at('checkpoint'));
      mkdirSync(at('checkpoint'));
    },
    /cannot be read \(EISDIR\)/,
  ],
])('%s is found and told', async (_, spoil, sentence) => {
  const { home, at } = await aHome();
  spoil(at);
  const found = await examineLog(home, NOW);
  expect(found.state).toBe('bad');
  expect(found.sentence).toMatch(sentence);
  expect(await checkLog({ KEYWARD_HOME: home }, NOW)).toMatchObject({ status: 'fail', detail: found.sentence });
  expect(readFileSync(join(home, 'audit', 'log-begun'), 'utf8')).toContain('localhost.localdomain/keyward/local');
});
