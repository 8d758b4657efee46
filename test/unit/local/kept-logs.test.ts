import fsPromises, { mkdir, mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keepLogsAside, removeKeptLogs } from '../../../local/database/kept-logs';
import { newDiskDatabase } from '../../../local/database/level-modules';
import { temporaryDirectory } from './temporary-directory';

const parent = temporaryDirectory();
let home: string;
let database: string;
let now: number;
const clock = { now: () => (now += 1_000), sleep: () => Promise.resolve() };

beforeEach(async () => {
  home = await mkdtemp(join(parent, 'home-'));
  database = join(home, 'dynamodb');
  now = Date.parse('2026-11-26T00:00:00.000Z');
});

async function writeRows(): Promise<void> {
  const level = newDiskDatabase(database);
  await level.open();
  for (const key of ['a', 'b', 'c']) {
    await level.batch([{ type: 'put', key, value: 'x'.repeat(100) }], { sync: true });
  }
  await level.close();
}

const logName = async (): Promise<string> => (await readdir(database)).find((name) => name.endsWith('.log'))!;
const keptIn = async (): Promise<string[]> => (await readdir(home)).filter((name) => name !== 'dynamodb').sort();

async function flipFirstBit(): Promise<void> {
  const path = join(database, await logName());
  const bytes = await readFile(path);
  bytes[20]! ^= 1;
  await writeFile(path, bytes);
}

it('keeps nothing of a clean end, nor of a database that is not there yet', async () => {
  expect(await keepLogsAside(home, database, { endedCleanly: false, clock })).toEqual({ isDamaged: false });
  await writeRows();
  expect(await keepLogsAside(home, database, { endedCleanly: true, clock })).toEqual({ isDamaged: false });
  expect(await keptIn()).toEqual([]);
});

it('keeps the logs, with what says how they belong together, until the next clean end', async () => {
  await writeRows();
  const log = await logName();
  const written = await readFile(join(database, log));
  const { directory, isDamaged } = await keepLogsAside(home, database, { endedCleanly: false, clock });
  expect(isDamaged).toBe(false);
  expect((await stat(directory!)).mode & 0o777).toBe(0o700);
  // LevelDB deletes it when it is opened.
  await writeRows();
  await expect(readFile(join(database, log))).rejects.toMatchObject({ code: 'ENOENT' });
  expect(await readFile(join(directory!, log))).toEqual(written);
  expect((await readdir(directory!)).sort()).toEqual([log, 'CURRENT', expect.stringMatching(/^MANIFEST-/)]);
  await removeKeptLogs(home);
  expect(await keptIn()).toEqual([]);
});

it.each([[true], [false]])(
  'notices damage, also after a clean end (%s), and keeps that for good',
  async (endedCleanly) => {
    await writeRows();
    await flipFirstBit();
    const { directory, isDamaged } = await keepLogsAside(home, database, { endedCleanly, clock });
    expect(isDamaged).toBe(true);
    await removeKeptLogs(home);
    expect(await keptIn()).toEqual([expect.stringMatching(/^dynamodb-logs-20261126T[0-9]+Z-damaged$/)]);
    expect(directory).toBe(join(home, (await keptIn())[0]!));
  },
);

it('takes a log that is cut off for damage only after a clean end', async () => {
  await writeRows();
  const path = join(database, await logName());
  await writeFile(path, (await readFile(path)).subarray(0, -5));
  expect((await keepLogsAside(home, database, { endedCleanly: false, clock })).isDamaged).toBe(false);
  expect((await keepLogsAside(home, database, { endedCleanly: true, clock })).isDamaged).toBe(true);
});

it('keeps the oldest and the nine newest of each kind', async () => {
  await writeRows();
  const kept: string[] = [];
  for (let crash = 0; crash < 15; crash += 1) {
    const { directory } = await keepLogsAside(home, database, { endedCleanly: false, clock });
    kept.push(directory!.slice(home.length + 1));
  }
  await flipFirstBit();
  const { directory } = await keepLogsAside(home, database, { endedCleanly: false, clock });
  expect(await keptIn()).toEqual([kept[0], ...kept.slice(6), directory!.slice(home.length + 1)]);
});

it('copies where the file system has no links', async () => {
  await writeRows();
  const log = await logName();
  const noLinks = jest.spyOn(fsPromises, 'link').mockRejectedValue(Object.assign(new Error(), { code: 'EPERM' }));
  const { directory } = await keepLogsAside(home, database, { endedCleanly: false, clock });
  noLinks.mockRestore();
  expect(await readFile(join(directory!, log))).toEqual(await readFile(join(database, log)));
});

it('says in one sentence that it cannot keep them', async () => {
  await writeRows();
  const taken = join(home, `dynamodb-logs-${new Date(now + 1_000).toISOString().replaceAll(/[-:.]/g, '')}`);
  await mkdir(taken);
  await expect(keepLogsAside(home, database, { endedCleanly: false, clock })).rejects.toMatchObject({
    code: 'configuration_invalid',
    message: `${database} has logs that cannot be kept aside before it is opened (EEXIST)`,
  });
});
