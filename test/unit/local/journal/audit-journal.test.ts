import type { AuditEvent } from '../../../../lambdas/core/audit/audit-event';
import { segmentFile } from '../../../../local/journal/segment-name';
import { auditEvent, recordOf } from '../../../contract/audit-events';
import { MemoryJournalFiles } from '../../../doubles/memory-journal-files';
import { until } from '../../../until';
import { openJournal, readJournal, START, type OpenedJournal } from './open-journal';

const REFUSED = { name: 'KeywardError', code: 'audit_unavailable' };
const HOUR_MS = 3_600_000;
const FIRST = '2026-11-27T10.00001';

const ids = (events: readonly AuditEvent[]): readonly string[] => events.map(({ id }) => id);
const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
};

/** Lets the pauses between tries pass until it writes again. */
async function recovered({ clock, failures }: OpenedJournal): Promise<void> {
  await until(
    'the journal is open anew',
    async () => {
      clock.wake();
      await turns();
    },
    () => failures.at(-1) === undefined,
  );
}

let files: MemoryJournalFiles;
beforeEach(() => {
  files = new MemoryJournalFiles();
});

const shown = async ({ journal }: OpenedJournal): Promise<readonly string[]> => {
  const { events, faults } = await readJournal(files, journal.tell());
  expect(faults).toEqual([]);
  return ids(events);
};

it('writes what comes together as one group, and what comes meanwhile as the next, each with one write and one sync', async () => {
  const opened = await openJournal(files);
  const { journal } = opened;
  await journal.append(recordOf(auditEvent()));
  files.calls = [];
  let release = (): void => undefined;
  files.hold = new Promise((resolve) => (release = resolve));
  const first = [auditEvent(), auditEvent()].map((event) => journal.append(recordOf(event)));
  await turns();
  const second = Array.from({ length: 50 }, () => journal.append(recordOf(auditEvent())));
  await turns();
  expect(files.calls).toEqual(['write']);
  const before = journal.tell();
  let isDrained = false;
  const drained = journal.drain().then(() => (isDrained = true));
  await turns();
  expect(isDrained).toBe(false);
  expect(journal.tell()).toEqual(before);
  release();
  await Promise.all([...first, ...second, drained]);
  expect(files.calls).toEqual(['write', 'sync', 'write', 'sync']);
  expect(await shown(opened)).toHaveLength(53);
  await journal.drain();
});

it('waits for others where it is told to', async () => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
  try {
    const { journal } = await openJournal(files, { fillMs: 2 });
    const first = journal.append(recordOf(auditEvent()));
    await turns();
    expect(files.calls).toEqual([]);
    const second = journal.append(recordOf(auditEvent()));
    jest.advanceTimersByTime(2);
    await Promise.all([first, second]);
    // The header, and one group of both.
    expect(files.calls.filter((call) => call === 'write')).toHaveLength(2);
  } finally {
    jest.useRealTimers();
  }
});

it('splits what is too long for one group, and takes a line that is longer than a group', async () => {
  const opened = await openJournal(files);
  const long = Array.from({ length: 3 }, () => auditEvent({ error_message: 'x'.repeat(150_000) }));
  const longer = auditEvent({ error_message: 'x'.repeat(300_000) });
  await Promise.all([...long, longer].map((event) => opened.journal.append(recordOf(event))));
  expect(files.calls.filter((call) => call === 'write')).toHaveLength(5);
  expect(await shown(opened)).toEqual(ids([...long, longer]));
});

it('refuses at once what is too much to wait', async () => {
  const { journal } = await openJournal(files, { maxQueued: 3 });
  const appends = Array.from({ length: 5 }, () => journal.append(recordOf(auditEvent())));
  const settled = await Promise.allSettled(appends);
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'rejected']);
  expect(settled[3]).toMatchObject({ reason: REFUSED });
  await journal.append(recordOf(auditEvent()));
});

it('knows an event again until at least so many have followed', async () => {
  const opened = await openJournal(files, { maxQueued: 2 });
  const event = auditEvent();
  const append = async (each: AuditEvent): Promise<void> => opened.journal.append(recordOf(each));
  await append(event);
  for (let more = 0; more < 4; more += 1) {
    await append(auditEvent());
    await append(event);
  }
  expect((await shown(opened)).filter((id) => id === event.id)).toHaveLength(1);
  for (let more = 0; more < 8; more += 1) await append(auditEvent());
  await append(event);
  expect((await shown(opened)).filter((id) => id === event.id)).toHaveLength(2);
});

it('begins a segment with the hour, at a size and at each opening, and none older than the newest where the clock was set back', async () => {
  const { journal, clock } = await openJournal(files, { segmentBytes: 1_000 });
  const segmentOfNext = async (): Promise<string | undefined> => {
    await journal.append(recordOf(auditEvent()));
    return journal.tell()?.segment;
  };
  expect(journal.tell()).toBeUndefined();
  expect(await segmentOfNext()).toBe(FIRST);
  expect(await segmentOfNext()).toBe(FIRST);
  expect(await segmentOfNext()).toBe('2026-11-27T10.00002');
  clock.time = START + HOUR_MS;
  expect(await segmentOfNext()).toBe('2026-11-27T11.00001');
  clock.time = START - 30 * HOUR_MS;
  expect(await segmentOfNext()).toBe('2026-11-27T11.00001');
  expect(await segmentOfNext()).toBe('2026-11-27T11.00002');
  await journal.close();
  const again = await openJournal(files);
  expect(again.journal.tell()?.segment).toBe('2026-11-27T11.00002');
  await again.journal.append(recordOf(auditEvent()));
  expect(again.journal.tell()?.segment).toBe('2026-11-27T11.00003');
  expect(await shown(again)).toHaveLength(7);
  expect(again.asides).toEqual([]);
});

it('leaves no segment behind where nothing happened', async () => {
  const { journal } = await openJournal(files);
  await journal.close();
  expect(files.all).toEqual([]);
  await expect(journal.append(recordOf(auditEvent()))).rejects.toMatchObject(REFUSED);
});

describe.each<[string, MemoryJournalFiles['failing'][number]]>([
  ['a write that takes a part', { call: 'write', code: 'ENOSPC', after: true, bytes: 100 }],
  ['a write that takes nothing', { call: 'write', code: 'ENOSPC' }],
  ['a sync that fails, with all on the disk', { call: 'sync', code: 'EIO', after: true }],
  ['a sync that fails', { call: 'sync', code: 'EIO' }],
])('after %s', (_, fault) => {
  it('refuses until it was opened anew, never syncs the file again, and shows nothing that was refused', async () => {
    const opened = await openJournal(files);
    const { journal, failures, asides } = opened;
    const first = auditEvent();
    await journal.append(recordOf(first));
    const { bytes } = journal.tell()!;
    files.failing = [fault];
    files.probeFails = fault.code;
    files.calls = [];
    const refused = [auditEvent(), auditEvent()];
    for (const each of await Promise.allSettled(refused.map((event) => journal.append(recordOf(event))))) {
      expect(each).toMatchObject({ status: 'rejected', reason: { ...REFUSED, outside: { name: fault.code } } });
    }
    await expect(journal.append(recordOf(auditEvent()))).rejects.toMatchObject(REFUSED);
    expect(await shown(opened)).toEqual([first.id]);
    opened.clock.wake();
    await turns();
    expect(failures).toEqual([fault.code]);
    expect(files.calls).toEqual(fault.call === 'write' ? ['write'] : ['write', 'sync']);
    files.probeFails = undefined;
    await recovered(opened);
    const left = asides.reduce((sum, aside) => sum + aside.bytes, 0);
    expect(left).toBe(
      fault.call === 'write' ? (fault.bytes ?? 0) : files.content(`set-aside/${FIRST}.${bytes}`).length,
    );
    expect(files.content(segmentFile(FIRST))).toHaveLength(bytes);
    const [second] = refused;
    await journal.append(recordOf(second!));
    expect(journal.tell()?.segment).toBe('2026-11-27T10.00002');
    expect(await shown(opened)).toEqual([first.id, second!.id]);
    await journal.close();
    const again = await openJournal(files);
    expect(again.asides).toEqual([]);
    expect(await shown(again)).toEqual([first.id, second!.id]);
  });
});

it('says again from time to time that it fails, and that the reason is another', async () => {
  const opened = await openJournal(files);
  files.failing = [{ call: 'write', code: 'ENOSPC' }];
  files.probeFails = 'ENOSPC';
  await expect(opened.journal.append(recordOf(auditEvent()))).rejects.toMatchObject(REFUSED);
  for (let tries = 0; tries < 31; tries += 1) {
    opened.clock.wake();
    await turns();
  }
  files.probeFails = 'EROFS';
  opened.clock.wake();
  await turns();
  expect(opened.failures).toEqual(['ENOSPC', 'ENOSPC', 'EROFS']);
  files.probeFails = undefined;
  await recovered(opened);
  expect(opened.failures.at(-1)).toBeUndefined();
});

it.each(['create', 'write', 'sync', 'syncNames'])('begins the next segment where %s of one fails', async (call) => {
  const opened = await openJournal(files);
  files.failing = [{ call, code: 'EIO', after: true }];
  // Its part cannot even be removed.
  if (call !== 'create') files.failing.push({ call: 'remove', code: 'EIO' });
  await expect(opened.journal.append(recordOf(auditEvent()))).rejects.toMatchObject(REFUSED);
  await recovered(opened);
  const event = auditEvent();
  await opened.journal.append(recordOf(event));
  expect(opened.journal.tell()?.segment).toBe('2026-11-27T10.00002');
  await opened.journal.close();
  const again = await openJournal(files);
  await again.journal.append(recordOf(auditEvent()));
  expect((await readJournal(files, again.journal.tell())).events[0]).toEqual(event);
});

it('answers nothing where the segment is not at its name, and goes on once it is put back', async () => {
  const opened = await openJournal(files);
  const { journal } = opened;
  const first = auditEvent();
  await journal.append(recordOf(first));
  expect(journal.isInPlace()).toBe(true);
  const inode = files.take(segmentFile(FIRST));
  expect(journal.isInPlace()).toBe(false);
  await expect(journal.append(recordOf(auditEvent()))).rejects.toMatchObject(REFUSED);
  opened.clock.wake();
  await turns();
  expect(opened.failures).toEqual(['ENOENT']);
  files.putBack(segmentFile(FIRST), inode);
  await recovered(opened);
  const second = auditEvent();
  await journal.append(recordOf(second));
  expect(await shown(opened)).toEqual([first.id, second.id]);
});

it('refuses what takes too long, and does not show it when it has been written after all', async () => {
  const opened = await openJournal(files, { deadlineMs: 20 });
  const { journal, failures } = opened;
  const first = auditEvent();
  await journal.append(recordOf(first));
  let release = (): void => undefined;
  files.hold = new Promise((resolve) => (release = resolve));
  await expect(journal.append(recordOf(auditEvent()))).rejects.toMatchObject(REFUSED);
  expect(failures).toEqual(['ETIMEDOUT']);
  await expect(journal.append(recordOf(auditEvent()))).rejects.toMatchObject(REFUSED);
  opened.clock.wake();
  await turns();
  expect(files.probes).toBe(0);
  release();
  await recovered(opened);
  expect(await shown(opened)).toEqual([first.id]);
  expect(opened.asides).toMatchObject([{ segment: FIRST }]);
});

it('ends in bounded time where the disk does not answer', async () => {
  const { journal } = await openJournal(files, { deadlineMs: 20 });
  files.hold = new Promise(() => undefined);
  await expect(journal.append(recordOf(auditEvent()))).rejects.toMatchObject(REFUSED);
  await journal.close();
});

it('ends while it is being opened anew', async () => {
  const { journal, clock } = await openJournal(files);
  files.failing = [{ call: 'write', code: 'EIO' }];
  await expect(journal.append(recordOf(auditEvent()))).rejects.toMatchObject(REFUSED);
  const closed = journal.close();
  await turns();
  clock.wake();
  await closed;
  expect(files.probes).toBe(0);
});

it('never writes into a segment of another process, should there be one all the same', async () => {
  const [one, other] = [await openJournal(files), await openJournal(files)];
  const [first, second, third] = [auditEvent(), auditEvent(), auditEvent()];
  await one.journal.append(recordOf(first));
  await expect(other.journal.append(recordOf(second))).rejects.toMatchObject(REFUSED);
  expect(other.failures).toEqual(['EEXIST']);
  await recovered(other);
  await other.journal.append(recordOf(second));
  await one.journal.append(recordOf(third));
  const { events } = await readJournal(files);
  expect(ids(events).toSorted()).toEqual(ids([first, second, third]).toSorted());
});
