import { createRequire } from 'node:module';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { LiveDatabaseFiles } from '../../../local/database/live-database-files';
import { OpenedDatabase } from '../../../local/database/opened-database';
import { temporaryDirectory } from './temporary-directory';

interface Database {
  open(): Promise<void>;
  close(): Promise<void>;
  put(key: string, value: string): Promise<void>;
  compactRange(from: string, to: string): Promise<void>;
}
const nested = createRequire(createRequire(require.resolve('dynalite')).resolve('level'));
const { ClassicLevel } = nested('classic-level') as {
  ClassicLevel: new (path: string, options: { writeBufferSize: number }) => Database;
};

const parent = temporaryDirectory();
const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close().catch(() => undefined);
});

/** A running database of LevelDB with some tables. */
async function setUp() {
  const home = mkdtempSync(join(parent, 'home-'));
  const path = join(home, 'dynamodb');
  const level = new ClassicLevel(path, { writeBufferSize: 65_536 });
  await level.open();
  opened.push(() => level.close());
  const fill = async (from: number): Promise<void> => {
    for (let key = from; key < from + 300; key += 1) await level.put(String(key).padStart(6, '0'), 'x'.repeat(1_000));
  };
  await fill(0);
  /**
   * Waits for LevelDB, which compacts in a thread of its own, and would make or delete a file, or write over the end of its MANIFEST, in
   * the middle of what a test does. Its log is not empty afterwards.
   */
  const settle = async (): Promise<void> => {
    await level.compactRange('0', '9');
    await level.put('000000', 'y');
  };
  const database = await OpenedDatabase.open(path);
  opened.push(() => database.close());
  const names = (end: string): string[] => readdirSync(path).filter((name) => name.endsWith(end));
  return { home, path, level, fill, settle, database, names };
}
const stops = async (database: OpenedDatabase): Promise<string[]> =>
  (await database.inspect()).map((each) => each.stops);

test('nothing is found while it writes, compacts, and goes through many tables and a long MANIFEST', async () => {
  const { path, level, fill, database, names } = await setUp();
  for (let round = 0; round < 12; round += 1) {
    await fill(round * 100);
    if (round % 4 === 3) await level.compactRange('0', '9');
    expect(await database.inspect()).toEqual([]);
  }
  await level.compactRange('0', '9');
  const live = await new LiveDatabaseFiles(
    path,
    names('')[names('').findIndex((n) => n.startsWith('MANIFEST'))]!,
  ).read();
  expect([...live].map((table) => `${String(table).padStart(6, '0')}.ldb`).sort()).toEqual(names('.ldb').sort());
  expect(live.size).toBeGreaterThan(0);
  expect(await database.inspect()).toEqual([]);
});

test.each<[string, (world: Awaited<ReturnType<typeof setUp>>) => void]>([
  [
    'removed',
    ({ path }) => {
      rmSync(path, { recursive: true });
    },
  ],
  [
    'moved away',
    ({ path }) => {
      renameSync(path, `${path}.away`);
    },
  ],
  [
    'removed and made anew',
    ({ path }) => {
      rmSync(path, { recursive: true });
      mkdirSync(path);
      writeFileSync(join(path, 'LOCK'), '');
    },
  ],
  [
    'replaced by a copy',
    ({ path }) => {
      renameSync(path, `${path}.away`);
      cpSync(`${path}.away`, path, { recursive: true });
    },
  ],
  [
    'emptied',
    ({ path }) => {
      readdirSync(path).forEach((name) => {
        rmSync(join(path, name));
      });
    },
  ],
  [
    'filled with a copy of itself',
    ({ path }) => {
      cpSync(path, `${path}.copy`, { recursive: true });
      readdirSync(path).forEach((name) => {
        rmSync(join(path, name));
      });
      cpSync(`${path}.copy`, path, { recursive: true });
    },
  ],
])('a directory that is %s: no write counts, at once', async (_, harm) => {
  const world = await setUp();
  await world.settle();
  expect(world.database.isInPlace).toBe(true);
  expect(await world.database.inspect()).toEqual([]);
  harm(world);
  expect(world.database.isInPlace).toBe(false);
  expect(await stops(world.database)).toEqual(['storing']);
});

test('a directory that is put back is good again', async () => {
  const { path, database } = await setUp();
  renameSync(path, `${path}.away`);
  expect(await stops(database)).toEqual(['storing']);
  renameSync(`${path}.away`, path);
  expect(await database.inspect()).toEqual([]);
});

test.each<[string, (world: Awaited<ReturnType<typeof setUp>>) => void]>([
  [
    'a table',
    ({ path, names }) => {
      rmSync(join(path, names('.ldb')[0]!));
    },
  ],
  [
    'the logs',
    ({ path, names }) => {
      names('.log').forEach((name) => {
        rmSync(join(path, name));
      });
    },
  ],
  [
    'CURRENT',
    ({ path }) => {
      rmSync(join(path, 'CURRENT'));
    },
  ],
  [
    'the MANIFEST',
    ({ path, names }) => {
      names('')
        .filter((n) => n.startsWith('MANIFEST'))
        .forEach((n) => {
          rmSync(join(path, n));
        });
    },
  ],
])('%s removed under it: no write counts', async (_, harm) => {
  const world = await setUp();
  await world.settle();
  expect(await world.database.inspect()).toEqual([]);
  harm(world);
  expect(await stops(world.database)).toEqual(['storing']);
});

test('a log that is cut or replaced, a MANIFEST that is damaged: no write counts', async () => {
  for (const harm of [
    ({ path, names }: Awaited<ReturnType<typeof setUp>>) => {
      truncateSync(join(path, names('.log').at(-1)!), 0);
    },
    ({ path, names }: Awaited<ReturnType<typeof setUp>>) => {
      const log = join(path, names('.log').at(-1)!);
      cpSync(log, `${log}.copy`);
      renameSync(`${log}.copy`, log);
    },
    ({ path, names }: Awaited<ReturnType<typeof setUp>>) => {
      const manifest = join(
        path,
        names('').find((name) => name.startsWith('MANIFEST'))!,
      );
      appendFileSync(manifest, Buffer.from([0, 0, 0, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
    },
    ({ path, names }: Awaited<ReturnType<typeof setUp>>) => {
      truncateSync(
        join(
          path,
          names('').find((name) => name.startsWith('MANIFEST'))!,
        ),
        1,
      );
    },
  ]) {
    const world = await setUp();
    await world.fill(1_000);
    await world.settle();
    expect(await world.database.inspect()).toEqual([]);
    harm(world);
    expect(await stops(world.database)).toEqual(['storing']);
  }
});

test('a directory that has turned read-only stops sealing', async () => {
  const { path, database } = await setUp();
  chmodSync(path, 0o500);
  expect(await stops(database)).toEqual(['sealing']);
  chmodSync(path, 0o700);
  expect(await database.inspect()).toEqual([]);
});

test('a path without a database is refused', async () => {
  await expect(OpenedDatabase.open(join(parent, 'nothing'))).rejects.toMatchObject({ code: 'configuration_invalid' });
});
