import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync as execLink,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createKekFile, openKekFile } from '../../../lambdas/adapters/local/kek-file';
import { openAccessFiles } from '../../../local/identity/access-files';
import { watchDataDirectory, type WatchedDataDirectory } from '../../../local/storage/watch-data-directory';
import { TestClock, testRandomness as randomness } from '../../doubles/memory-ports';
import { RecordingLogger } from '../../doubles/recording-logger';
import { temporaryDirectory } from './temporary-directory';

const parent = temporaryDirectory();
const watched: WatchedDataDirectory[] = [];
afterEach(async () => {
  await Promise.all(watched.splice(0).map((each) => each.close()));
});

/** A MANIFEST with one empty edit. */
const MANIFEST = Buffer.concat([Buffer.from([0, 0, 0, 0, 2, 0, 1]), Buffer.from([2, 3])]);

/** A complete data directory of a start, and its watcher; the clock stands still until a test moves it. */
async function setUp() {
  const home = join(mkdtempSync(join(parent, 'parent-')), 'data');
  const at = (name: string): string => join(home, name);
  mkdirSync(home, { mode: 0o700 });
  mkdirSync(at('dynamodb'), { mode: 0o700 });
  mkdirSync(at('audit'), { mode: 0o700 });
  const segment = { isInPlace: true };
  const journal = { isInPlace: (): boolean => segment.isInPlace };
  writeFileSync(at('dynamodb/LOCK'), '');
  writeFileSync(at('dynamodb/CURRENT'), 'MANIFEST-000002\n');
  writeFileSync(at('dynamodb/MANIFEST-000002'), MANIFEST);
  writeFileSync(at('dynamodb/000003.log'), 'log');
  mkdirSync(at('keysets'), { mode: 0o700 });
  writeFileSync(at('keysets/openai'), '', { mode: 0o600 });
  writeFileSync(at('version'), '4\n', { mode: 0o600 });
  const clock = new TestClock();
  const logger = new RecordingLogger();
  await createKekFile(at('kek.json'), true, clock, randomness);
  const opened = { path: at('kek.json'), clock, randomness };
  const { primary } = JSON.parse(readFileSync(opened.path, 'utf8')) as { primary: string };
  const kekFile = await openKekFile({ ...opened, inUse: async () => new Set([primary]) });
  const access = await openAccessFiles(home, 'us-east-1', randomness);
  const marked = (): string[] => ['openai'];
  const watch = await watchDataDirectory({ home, kekFile, journal, marked, access, clock, randomness, logger });
  watched.push(watch);
  /** Whether it seals and stores after this many seconds; it checks on request. */
  const after = async (seconds: number): Promise<{ seals: boolean; stores: boolean }> => {
    clock.time += seconds * 1000;
    const seals = await watch.assertMaySeal().then(
      () => true,
      () => false,
    );
    try {
      watch.assertStored();
      return { seals, stores: true };
    } catch {
      return { seals, stores: false };
    }
  };
  expect(await after(0)).toEqual({ seals: true, stores: true });
  const messages = (): string => logger.lines.map(({ level, message }) => `${level} ${message}`).join('\n');
  return { home, at, after, messages, clock, watch, segment };
}
type World = Awaited<ReturnType<typeof setUp>>;

const GOOD = { seals: true, stores: true };
const NOT_SEALING = { seals: false, stores: true };
const NOTHING = { seals: false, stores: false };

test('a KEK file that is missing for a minute is written back, with a warning', async () => {
  const { at, after, messages } = await setUp();
  const text = readFileSync(at('kek.json'), 'utf8');
  rmSync(at('kek.json'));
  expect(await after(31)).toEqual(NOT_SEALING);
  expect(await after(31)).toEqual(NOT_SEALING);
  expect(existsSync(at('kek.json'))).toBe(false);
  expect(messages()).toMatch(/error kek\.json is missing.*do not stop the server before/);
  expect(await after(31)).toEqual(GOOD);
  expect(readFileSync(at('kek.json'), 'utf8')).toBe(text);
  expect(messages()).toMatch(/warn kek\.json was missing and has been written back.*stop the server first/);
});

test('a KEK file that comes back in between is missing anew when it goes again', async () => {
  const { at, after } = await setUp();
  const away = `${at('kek.json')}.away`;
  for (let round = 0; round < 3; round += 1) {
    renameSync(at('kek.json'), away);
    expect(await after(31)).toEqual(NOT_SEALING);
    renameSync(away, at('kek.json'));
    expect(await after(31)).toEqual(GOOD);
  }
});

test('a clock that goes back begins the minute anew', async () => {
  const { at, after } = await setUp();
  rmSync(at('kek.json'));
  await after(31);
  await after(-3_600);
  expect(existsSync(at('kek.json'))).toBe(false);
  await after(61);
  expect(existsSync(at('kek.json'))).toBe(true);
});

test.each<[string, (world: World) => void]>([
  [
    'damaged',
    ({ at }) => {
      writeFileSync(at('kek.json'), 'damaged');
    },
  ],
  [
    'empty',
    ({ at }) => {
      writeFileSync(at('kek.json'), '');
    },
  ],
  [
    'open to others',
    ({ at }) => {
      chmodSync(at('kek.json'), 0o640);
    },
  ],
  [
    'a directory',
    ({ at }) => {
      rmSync(at('kek.json'));
      mkdirSync(at('kek.json'));
    },
  ],
])('a KEK file that is %s: nothing is overwritten, nothing more is sealed', async (_, harm) => {
  const world = await setUp();
  const { at, after, messages } = world;
  cpSync(at('kek.json'), `${at('kek.json')}.good`);
  harm(world);
  for (let look = 0; look < 4; look += 1) expect(await after(31)).toEqual(NOT_SEALING);
  expect(messages()).toMatch(/error kek\.json is damaged, unreadable, no file, or open to others/);
  expect(messages()).not.toContain('written back\n');
  rmSync(at('kek.json'), { recursive: true });
  renameSync(`${at('kek.json')}.good`, at('kek.json'));
  expect(await after(31)).toEqual(GOOD);
  expect(messages()).toMatch(/info the data directory is in order again/);
});

test('a damaged KEK file that is moved away is written back', async () => {
  const { at, after } = await setUp();
  const text = readFileSync(at('kek.json'), 'utf8');
  writeFileSync(at('kek.json'), 'damaged');
  expect(await after(31)).toEqual(NOT_SEALING);
  renameSync(at('kek.json'), `${at('kek.json')}.damaged`);
  for (let look = 0; look < 3; look += 1) await after(31);
  expect(readFileSync(at('kek.json'), 'utf8')).toBe(text);
});

test.each<[string, (world: World) => void]>([
  [
    'removed',
    ({ home }) => {
      rmSync(home, { recursive: true });
    },
  ],
  [
    'moved away',
    ({ home }) => {
      renameSync(home, `${home}.away`);
    },
  ],
  [
    'removed and made anew',
    ({ home }) => {
      rmSync(home, { recursive: true });
      mkdirSync(home, { mode: 0o700 });
    },
  ],
  [
    'replaced by a copy without its KEK file',
    ({ home }) => {
      renameSync(home, `${home}.away`);
      cpSync(`${home}.away`, home, { recursive: true });
      rmSync(join(home, 'kek.json'));
      chmodSync(home, 0o700);
    },
  ],
  [
    'a link to another',
    ({ home }) => {
      renameSync(home, `${home}.away`);
      cpSync(`${home}.away`, `${home}.copy`, { recursive: true });
      execLink(`${home}.copy`, home);
    },
  ],
])('a data directory that is %s: nothing is stored, and nothing written into another', async (_, harm) => {
  const world = await setUp();
  harm(world);
  for (let look = 0; look < 4; look += 1) expect(await world.after(31)).toEqual(NOTHING);
  expect(world.messages()).toMatch(/error the data directory that was opened is no longer at its path/);
  expect(world.messages()).not.toContain('warn');
  if (_ !== 'a link to another') expect(existsSync(world.at('kek.json'))).toBe(false);
});

test('a data directory that is put back, also behind a link, is good again', async () => {
  const { home, after } = await setUp();
  renameSync(home, `${home}.away`);
  expect(await after(31)).toEqual(NOTHING);
  execLink(`${home}.away`, home);
  expect(await after(31)).toEqual(GOOD);
});

test.each<[string, (world: World) => void, (world: World) => void, RegExp]>([
  [
    'the data directory is open to others',
    ({ home }) => {
      chmodSync(home, 0o750);
    },
    ({ home }) => {
      chmodSync(home, 0o700);
    },
    /is open to other users/,
  ],
  [
    'the data directory is read-only',
    ({ home }) => {
      chmodSync(home, 0o500);
    },
    ({ home }) => {
      chmodSync(home, 0o700);
    },
    /has turned read-only/,
  ],
  [
    'the database is read-only',
    ({ at }) => {
      chmodSync(at('dynamodb'), 0o500);
    },
    ({ at }) => {
      chmodSync(at('dynamodb'), 0o700);
    },
    /database in the data directory has turned read-only/,
  ],
  [
    'the audit journal is read-only',
    ({ at }) => {
      chmodSync(at('audit'), 0o500);
    },
    ({ at }) => {
      chmodSync(at('audit'), 0o700);
    },
    /audit journal in the data directory has turned read-only/,
  ],
  [
    'credentials is gone',
    ({ at }) => {
      renameSync(at('credentials'), at('away'));
    },
    ({ at }) => {
      renameSync(at('away'), at('credentials'));
    },
    /credentials, principals\.json or/,
  ],
  [
    'principals.json is gone',
    ({ at }) => {
      renameSync(at('principals.json'), at('away'));
    },
    ({ at }) => {
      renameSync(at('away'), at('principals.json'));
    },
    /credentials, principals\.json or/,
  ],
  [
    'principals.json is damaged',
    ({ at }) => {
      cpSync(at('principals.json'), at('away'));
      writeFileSync(at('principals.json'), '{');
    },
    ({ at }) => {
      renameSync(at('away'), at('principals.json'));
    },
    /credentials, principals\.json or/,
  ],
  [
    'curl options are open to others',
    ({ at }) => {
      chmodSync(at('curl-admin.conf'), 0o644);
    },
    ({ at }) => {
      chmodSync(at('curl-admin.conf'), 0o600);
    },
    /or a curl-\*\.conf/,
  ],
  [
    'the version is another',
    ({ at }) => {
      writeFileSync(at('version'), '5\n');
    },
    ({ at }) => {
      writeFileSync(at('version'), '4\n');
    },
    /were changed/,
  ],
  [
    'a mark is a directory',
    ({ at }) => {
      rmSync(at('keysets/openai'));
      mkdirSync(at('keysets/openai'));
    },
    ({ at }) => {
      rmSync(at('keysets/openai'), { recursive: true });
    },
    /were changed/,
  ],
])('%s: nothing more is sealed until it is put right', async (_, harm, mend, sentence) => {
  const world = await setUp();
  harm(world);
  expect(await world.after(31)).toEqual(NOT_SEALING);
  expect(await world.after(31)).toEqual(NOT_SEALING);
  expect(world.messages()).toMatch(sentence);
  mend(world);
  await world.after(31);
  await world.after(31);
  await world.after(31);
  expect(await world.after(31)).toEqual(GOOD);
});

test('marks that are missing for a minute are written again', async () => {
  const { at, after, messages } = await setUp();
  rmSync(at('keysets'), { recursive: true });
  rmSync(at('version'));
  expect(await after(31)).toEqual(NOT_SEALING);
  expect(await after(61)).toEqual(GOOD);
  expect(readFileSync(at('version'), 'utf8')).toBe('4\n');
  expect(existsSync(at('keysets/openai'))).toBe(true);
  expect(messages()).toMatch(/warn marks in the data directory were missing and have been written again/);
});

test('marks that cannot be written again stay missing', async () => {
  const { at, after } = await setUp();
  rmSync(at('keysets'), { recursive: true });
  writeFileSync(at('keysets'), '');
  for (let look = 0; look < 4; look += 1) expect(await after(31)).toEqual(NOT_SEALING);
});

test('files of curl options that are gone are made anew; a valid change of who may do what is noticed, and stops nothing', async () => {
  const { at, after, messages } = await setUp();
  const options = readFileSync(at('curl-admin.conf'), 'utf8');
  rmSync(at('curl-admin.conf'));
  writeFileSync(at('curl-openai-only.conf'), `${readFileSync(at('curl-openai-only.conf'), 'utf8')}max-time = 9\n`);
  writeFileSync(at('principals.json'), readFileSync(at('principals.json'), 'utf8').replace('openai-only', 'searcher'));
  expect(await after(31)).toEqual(GOOD);
  expect(await after(31)).toEqual(GOOD);
  expect(readFileSync(at('curl-admin.conf'), 'utf8')).toBe(options);
  expect(readFileSync(at('curl-openai-only.conf'), 'utf8')).toContain('max-time');
  expect(messages()).toBe('warn credentials or principals.json has changed: the server reads them at its next start');
});

test('a database that is removed stops everything at once', async () => {
  const { at, watch } = await setUp();
  rmSync(at('dynamodb'), { recursive: true });
  expect(() => {
    watch.assertStored();
  }).toThrow(/not where it was opened/);
});

test.each<[string, (world: World) => void, (world: World) => void]>([
  [
    'the directory of the audit journal is moved away',
    ({ at }) => {
      renameSync(at('audit'), at('away'));
    },
    ({ at }) => {
      renameSync(at('away'), at('audit'));
    },
  ],
  [
    'another directory is in the place of the audit journal',
    ({ at }) => {
      renameSync(at('audit'), at('away'));
      mkdirSync(at('audit'), { mode: 0o700 });
    },
    ({ at }) => {
      rmSync(at('audit'), { recursive: true });
      renameSync(at('away'), at('audit'));
    },
  ],
  [
    'the segment that is written is gone',
    ({ segment }) => {
      segment.isInPlace = false;
    },
    ({ segment }) => {
      segment.isInPlace = true;
    },
  ],
])('%s: nothing is stored until it is put back', async (_, harm, mend) => {
  const world = await setUp();
  harm(world);
  expect(await world.after(31)).toEqual(NOTHING);
  expect(world.messages()).toMatch(/error the audit journal that was opened/);
  mend(world);
  expect(await world.after(31)).toEqual(GOOD);
});
