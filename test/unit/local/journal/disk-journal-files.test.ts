import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { openDiskJournalFiles } from '../../../../local/journal/disk-journal-files';
import { segmentFile } from '../../../../local/journal/segment-name';
import { auditEvent, recordOf } from '../../../contract/audit-events';
import { testUnless } from '../../../skip-without';
import { temporaryDirectory } from '../temporary-directory';
import { openJournal, readJournal } from './open-journal';

const parent = temporaryDirectory();
const newDirectory = (): string => join(mkdtempSync(join(parent, 'home-')), 'audit');
const mode = (path: string): number => statSync(path).mode & 0o777;
const REFUSED = { code: 'audit_unavailable' };

it('keeps a journal on the disk, for its owner alone', async () => {
  const directory = newDirectory();
  const files = await openDiskJournalFiles(directory);
  const { journal } = await openJournal(files);
  const events = [auditEvent(), auditEvent({ user_agent: 'ünï\n{"count":1}' })];
  await Promise.all(events.map((event) => journal.append(recordOf(event))));
  const { segment, bytes } = journal.tell()!;
  await journal.close();
  const path = join(directory, segmentFile(segment));
  expect(statSync(path).size).toBe(bytes);
  expect([mode(directory), mode(path), mode(join(directory, 'set-aside'))]).toEqual([0o700, 0o600, 0o700]);
  expect(readFileSync(path, 'utf8').trimEnd().split('\n')).toHaveLength(4);
  const again = await openJournal(await openDiskJournalFiles(directory));
  expect(await readJournal(files, again.journal.tell())).toEqual({ events, faults: [] });
  expect(again.asides).toEqual([]);
});

it('sets aside what was torn', async () => {
  const directory = newDirectory();
  const files = await openDiskJournalFiles(directory);
  const { journal } = await openJournal(files);
  await journal.append(recordOf(auditEvent()));
  const { segment, bytes } = journal.tell()!;
  await journal.close();
  const path = join(directory, segmentFile(segment));
  const torn = Buffer.alloc(2_500_000, 'x');
  writeFileSync(path, torn, { flag: 'a' });
  const { asides } = await openJournal(files);
  expect(asides).toEqual([{ segment, offset: bytes, bytes: torn.length }]);
  expect(readFileSync(join(directory, `set-aside/${segment}.${bytes}`)).equals(torn)).toBe(true);
  expect(mode(join(directory, `set-aside/${segment}.${bytes}`))).toBe(0o600);
  expect(statSync(path).size).toBe(bytes);
  expect((await openJournal(files)).asides).toEqual([]);
});

it.each<[string, (directory: string, path: string) => void]>([
  [
    'the segment is removed',
    (_, path) => {
      rmSync(path);
    },
  ],
  [
    'the directory is moved',
    (directory) => {
      renameSync(directory, `${directory}.away`);
    },
  ],
  [
    'the segment is replaced by a copy',
    (_, path) => {
      const copy = readFileSync(path);
      rmSync(path);
      writeFileSync(path, copy);
    },
  ],
])('answers nothing where %s', async (_, harm) => {
  const directory = newDirectory();
  const { journal, failures } = await openJournal(await openDiskJournalFiles(directory));
  await journal.append(recordOf(auditEvent()));
  harm(directory, join(directory, segmentFile(journal.tell()!.segment)));
  expect(journal.isInPlace()).toBe(false);
  await expect(journal.append(recordOf(auditEvent()))).rejects.toMatchObject(REFUSED);
  expect(failures).toEqual(['ENOENT']);
});

it('begins no segment in a directory that was put in the place of its own', async () => {
  const directory = newDirectory();
  const { journal, failures } = await openJournal(await openDiskJournalFiles(directory));
  renameSync(directory, `${directory}.away`);
  await openDiskJournalFiles(directory);
  await expect(journal.append(recordOf(auditEvent()))).rejects.toMatchObject(REFUSED);
  expect(failures).toEqual(['ENOENT']);
  expect(readdirSync(directory)).toEqual(['set-aside']);
});

it('tries whether there is room, and leaves nothing of that', async () => {
  const directory = newDirectory();
  const files = await openDiskJournalFiles(directory);
  await files.probe();
  expect(readdirSync(directory)).toEqual(['set-aside']);
  rmSync(directory, { recursive: true });
  await expect(files.probe()).rejects.toMatchObject({ code: 'ENOENT' });
  expect(existsSync(directory)).toBe(false);
});

it('reads up to the end of a file, and renames and removes', async () => {
  const directory = newDirectory();
  const files = await openDiskJournalFiles(directory);
  writeFileSync(join(directory, 'a'), 'content');
  expect((await files.read('a', 3, 100)).toString()).toBe('tent');
  await files.rename('a', 'b');
  await files.remove('a');
  expect(await files.list()).toEqual(['b', 'set-aside']);
  await expect(files.create('b')).rejects.toMatchObject({ code: 'EEXIST' });
});

/** Of open(2), in Linux's numbers. */
const O_DSYNC = 0o10000;

testUnless(
  process.platform === 'linux' ? undefined : 'only Linux tells how a file was opened',
  'a write to a segment ends only once the device has it',
  async () => {
    const directory = newDirectory();
    const { journal } = await openJournal(await openDiskJournalFiles(directory));
    await journal.append(recordOf(auditEvent()));
    const path = join(directory, segmentFile(journal.tell()!.segment));
    const descriptors = readdirSync('/proc/self/fd').filter((descriptor) => {
      const link = `/proc/self/fd/${descriptor}`;
      return existsSync(link) && readlinkSync(link) === path;
    });
    expect(descriptors).toHaveLength(1);
    const flags = /^flags:\s+([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptors[0]}`, 'utf8'))?.[1] ?? '';
    expect(Number.parseInt(flags, 8) & O_DSYNC).toBe(O_DSYNC);
    await journal.close();
  },
);
