import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { createKekFile, openKekFile, type KekFile } from '../../../lambdas/adapters/local/kek-file';
import { newKekSecretRecord, serializeKekSecret, type KekSecretRecord } from '../../../lambdas/core/crypto/kek-keyset';
import { TestClock, testRandomness } from '../../doubles/memory-ports';
import { temporaryDirectory } from './temporary-directory';

const parent = temporaryDirectory();
const newPath = (): string => join(mkdtempSync(join(parent, 'home-')), 'kek.json');
const newSecret = (): string => serializeKekSecret(newKekSecretRecord(testRandomness, 0));
const write = (path: string, text: string): void => {
  writeFileSync(path, text, { mode: 0o600 });
};
/** `needed`: the KEK ids that stored keysets name, or an outage. */
const open = (path: string, clock = new TestClock(), needed: () => readonly string[] = () => []): Promise<KekFile> =>
  openKekFile({ path, clock, randomness: testRandomness, inUse: async () => new Set(needed()) });
const create = (path: string, mayCreate: Parameters<typeof createKekFile>[1] = true): Promise<boolean> =>
  createKekFile(path, mayCreate, new TestClock(), testRandomness);
const invalid = (path: string, sentence: RegExp) => ({
  code: 'configuration_invalid',
  message: expect.stringMatching(new RegExp(`^${path} ${sentence.source}`)) as string,
});

describe('creating the file', () => {
  test('makes one KEK for its owner alone, and leaves nothing else behind', async () => {
    const path = newPath();
    await create(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(path, '..'))).toEqual(['kek.json']);
    const keys = await (await open(path)).current();
    expect(keys.keks.size).toBe(1);
    expect(keys.primaryCreatedAt).toBe('2026-11-21T09:00:00.000Z');
  });

  test('never touches a file that is there, be it damaged', async () => {
    for (const text of [newSecret(), 'damaged', '']) {
      const path = newPath();
      write(path, text);
      let asked = false;
      await create(path, () => {
        asked = true;
        return Promise.resolve(true);
      });
      expect(readFileSync(path, 'utf8')).toBe(text);
      expect(asked).toBe(false);
    }
  });

  test.each([false, () => Promise.resolve(false)])('does nothing where keys may depend on a lost file', async (may) => {
    const path = newPath();
    await expect(create(path, may)).rejects.toMatchObject(
      invalid(path, /is missing although the data directory was in use/),
    );
    expect(readdirSync(join(path, '..'))).toEqual([]);
  });

  test('at the same time as others ends with one KEK for all', async () => {
    const path = newPath();
    await Promise.all(Array.from({ length: 8 }, () => create(path, () => Promise.resolve(true))));
    const opened = await Promise.all(Array.from({ length: 8 }, () => open(path)));
    const ids = await Promise.all(opened.map(async (each) => (await each.current()).primary.id));
    expect(new Set(ids).size).toBe(1);
    expect(readdirSync(join(path, '..'))).toEqual(['kek.json']);
  });

  test('says why it cannot', async () => {
    const path = join(newPath(), '..', 'missing', 'kek.json');
    await expect(create(path)).rejects.toMatchObject(invalid(path, /cannot be written \(ENOENT\)/));
  });
});

describe('opening the file', () => {
  test.each([
    ['half of it', newSecret().slice(0, 80)],
    ['nothing', ''],
    ['the placeholder of a deployment', '{"schema":1}'],
    ['another key’s length', newSecret().replace(/"material":"./, '"material":"')],
  ])('with %s in it is refused, and it stays as it is', async (_, text) => {
    const path = newPath();
    write(path, text);
    await expect(open(path)).rejects.toMatchObject(invalid(path, /is damaged/));
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  test('that is missing is refused', async () => {
    const path = newPath();
    await expect(open(path)).rejects.toMatchObject(invalid(path, /does not exist$/));
    expect(existsSync(path)).toBe(false);
  });

  test.each([0o640, 0o604, 0o620, 0o601])('of mode %o is refused', async (mode) => {
    const path = newPath();
    await create(path);
    chmodSync(path, mode);
    await expect(open(path)).rejects.toMatchObject(invalid(path, /is open to other users/));
    await expect(create(path)).rejects.toMatchObject(invalid(path, /is open to other users/));
    expect(statSync(path).mode & 0o777).toBe(mode);
  });

  test('that is no file, no text or far too large is refused', async () => {
    const directory = newPath();
    mkdirSync(directory, { mode: 0o700 });
    await expect(open(directory)).rejects.toMatchObject(invalid(directory, /is not a regular file/));
    const pipe = newPath();
    execFileSync('mkfifo', ['-m', '600', pipe]);
    await expect(open(pipe)).rejects.toMatchObject(invalid(pipe, /is not a regular file/));
    const binary = newPath();
    writeFileSync(binary, Buffer.from([0xff, 0xfe]), { mode: 0o600 });
    await expect(open(binary)).rejects.toMatchObject(invalid(binary, /cannot be read as UTF-8/));
    const large = newPath();
    write(large, ' '.repeat(1_048_577));
    await expect(open(large)).rejects.toMatchObject(invalid(large, /is larger than 1 MiB/));
  });

  test('below what is no directory says why', async () => {
    const path = join(newPath(), 'kek.json');
    write(join(path, '..'), '');
    await expect(open(path)).rejects.toMatchObject(invalid(path, /cannot be read \(ENOTDIR\)/));
  });
});

describe('a running process', () => {
  async function setUp() {
    const path = newPath();
    await create(path);
    const clock = new TestClock();
    const provider = await open(path, clock);
    return { path, clock, provider, first: (await provider.current()).primary.id };
  }
  const replace = (path: string, text: string): void => {
    write(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  };

  test('reads the file again when asked, and by itself after a minute', async () => {
    const { path, clock, provider, first } = await setUp();
    replace(path, newSecret());
    expect((await provider.current()).primary.id).toBe(first);
    const second = (await provider.refresh()).primary.id;
    expect(second).not.toBe(first);
    replace(path, newSecret());
    clock.time += 59_999;
    expect((await provider.current()).primary.id).toBe(second);
    clock.time += 1;
    expect((await provider.current()).primary.id).not.toBe(second);
  });

  test('asks once for all who ask at the same time', async () => {
    const { provider } = await setUp();
    const [one, other] = await Promise.all([provider.refresh(), provider.refresh()]);
    expect(one).toBe(other);
    expect(await provider.refresh()).not.toBe(one);
  });

  test.each<[string, string, (path: string) => void]>([
    [
      'damaged',
      'kek_damaged',
      (path) => {
        replace(path, 'damaged');
      },
    ],
    [
      'gone',
      'kek_missing',
      (path) => {
        rmSync(path);
      },
    ],
    [
      'open to others',
      'kek_damaged',
      (path) => {
        chmodSync(path, 0o644);
      },
    ],
  ])('keeps its copy for a day where the file is %s', async (_, reason, harm) => {
    const { path, clock, provider, first } = await setUp();
    harm(path);
    await expect(provider.refresh()).rejects.toMatchObject({ code: 'keys_unavailable', reason });
    clock.time += 86_400_000;
    expect((await provider.current()).primary.id).toBe(first);
    clock.time += 60_000;
    await expect(provider.current()).rejects.toMatchObject({ code: 'keys_unavailable', reason });
    rmSync(path, { force: true });
    write(path, newSecret());
    clock.time += 60_000;
    expect((await provider.current()).primary.id).not.toBe(first);
  });
});

describe('what stands at the path of a running process', () => {
  const recordOf = (path: string): KekSecretRecord => JSON.parse(readFileSync(path, 'utf8')) as KekSecretRecord;
  const other = (): KekSecretRecord => newKekSecretRecord(testRandomness, 0);
  const replace = (path: string, record: KekSecretRecord): void => {
    write(`${path}.new`, serializeKekSecret(record));
    renameSync(`${path}.new`, path);
  };
  /** With a second KEK, which becomes the primary. */
  const grown = (record: KekSecretRecord, more = other()): KekSecretRecord => ({
    ...more,
    keys: { ...more.keys, [record.primary]: { ...record.keys[record.primary]!, state: 'unwrap_only' } },
  });
  async function setUp() {
    const path = newPath();
    await create(path);
    const opened = recordOf(path);
    let needed: () => readonly string[] = () => [opened.primary];
    const clock = new TestClock();
    const file = await open(path, clock, () => needed());
    return { path, opened, file, clock, need: (ids: () => readonly string[]) => (needed = ids) };
  }
  const primaryOf = async (file: KekFile): Promise<string> => (await file.current()).primary.id;

  test('is good where it says the same, in whatever form', async () => {
    const { path, opened, file, need } = await setUp();
    expect(await file.look()).toBe('good');
    write(path, JSON.stringify(opened, undefined, 2));
    need(() => {
      throw new Error('not asked once it was good');
    });
    expect(await file.look()).toBe('good');
  });

  test('is taken over where it holds all that is held, and more', async () => {
    const { path, opened, file } = await setUp();
    const next = grown(opened);
    replace(path, next);
    expect(await file.look()).toBe('good');
    expect(await primaryOf(file)).toBe(next.primary);
  });

  test.each<[string, (opened: KekSecretRecord) => KekSecretRecord]>([
    ['another one', other],
    [
      'another key under the same id',
      (opened) => {
        const key = Object.values(other().keys)[0]!;
        return { ...opened, keys: { [opened.primary]: key } };
      },
    ],
  ])('%s is not taken over, and stays as it is', async (_, change) => {
    const { path, opened, file } = await setUp();
    const text = serializeKekSecret(change(opened));
    write(path, text);
    for (let look = 0; look < 2; look += 1) expect(await file.look()).toBe('another');
    expect((await file.refresh()).primary.id).toBe(opened.primary);
    expect(await primaryOf(file)).toBe(opened.primary);
    expect(await file.writeBack()).toBe(false);
    expect(readFileSync(path, 'utf8')).toBe(text);
    replace(path, opened);
    expect(await file.look()).toBe('good');
  });

  test('is another one as long as nobody can tell what is needed', async () => {
    const { path, opened, file, need } = await setUp();
    replace(path, grown(opened));
    need(() => {
      throw new Error('no answer');
    });
    expect(await file.look()).toBe('another');
    need(() => [opened.primary]);
    expect(await file.look()).toBe('good');
  });

  test('that lacked from the start what keysets need is told, and the right one is taken over', async () => {
    const { path, file, need } = await setUp();
    const right = other();
    need(() => [right.primary]);
    expect(await file.look()).toBe('another');
    rmSync(path);
    expect(await file.look()).toBe('missing');
    expect(await file.writeBack()).toBe(false);
    expect(existsSync(path)).toBe(false);
    replace(path, right);
    expect(await file.look()).toBe('good');
    expect(await primaryOf(file)).toBe(right.primary);
  });

  test('is written back as it was where there is none, and never over anything', async () => {
    const { path, opened, file } = await setUp();
    rmSync(path);
    expect(await file.look()).toBe('missing');
    expect(await file.writeBack()).toBe(true);
    expect(recordOf(path)).toEqual(opened);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await file.look()).toBe('good');
    rmSync(path);
    mkdirSync(path);
    expect(await file.writeBack()).toBe(false);
    expect(await file.look()).toBe('unusable');
  });

  test('a file that grew is written back as it grew', async () => {
    const { path, opened, file } = await setUp();
    const next = grown(opened);
    replace(path, next);
    await file.look();
    rmSync(path);
    await file.writeBack();
    expect(recordOf(path)).toEqual(next);
  });
});
