import type { AuditEvent } from '../../../../lambdas/core/audit/audit-event';
import { formatSegment, nextSegment, ownSegments, segmentFile } from '../../../../local/journal/segment-name';
import { auditEvent, recordOf } from '../../../contract/audit-events';
import { MemoryJournalFiles, type Loss } from '../../../doubles/memory-journal-files';
import { EFFORT } from '../../../effort';
import { openJournal, readJournal, START } from './open-journal';

/** Segments of about two groups, so that a few events go through all that a segment's life has. */
const SEGMENT_BYTES = 1_200;

const ids = (events: readonly AuditEvent[]): readonly string[] => events.map(({ id }) => id);

/**
 * Appends in groups of one and of three, in two processes, until the world stops; returns the answered and the requested events.
 */
async function live(files: MemoryJournalFiles): Promise<{ answered: AuditEvent[]; asked: AuditEvent[] }> {
  const answered: AuditEvent[] = [];
  const asked: AuditEvent[] = [];
  for (let life = 0; life < 2; life += 1) {
    const opened = await openJournal(files, { segmentBytes: SEGMENT_BYTES }).catch(() => undefined);
    if (opened === undefined) break;
    for (const size of [1, 3, 1, 1]) {
      const events = Array.from({ length: size }, () => auditEvent());
      asked.push(...events);
      await Promise.all(
        events.map((event) =>
          opened.journal.append(recordOf(event)).then(
            () => answered.push(event),
            () => undefined,
          ),
        ),
      );
    }
    if (opened.failures.length === 0) await opened.journal.close();
  }
  return { answered, asked };
}

/** What may be left of a file: nothing of what was not synced, all of it, a part, and parts with holes. */
function contents(unsynced: number): readonly Loss['content'][] {
  const step = EFFORT > 1 ? 1 : EFFORT === 1 ? 61 : 257;
  const cuts = Array.from({ length: Math.ceil(unsynced / step) + 1 }, (_, index) => Math.min(unsynced, index * step));
  return cuts.flatMap((cut): readonly Loss['content'][] => [
    (durable, written) => {
      const [short, long] = [durable, written].sort((a, b) => a.length - b.length) as [Buffer, Buffer];
      return long.subarray(0, short.length + cut);
    },
    (durable, written) => {
      if (written.length <= durable.length) return written;
      const holed = Buffer.from(written);
      return holed.fill(0, durable.length, Math.min(written.length, durable.length + cut));
    },
    (durable, written) => {
      const holed = Buffer.from(written);
      return holed.fill(
        0,
        Math.min(written.length, durable.length + cut),
        Math.min(written.length, durable.length + cut + 64),
      );
    },
  ]);
}

/** Opens what is left: all that was answered is there, nothing that nobody asked for, and what was cut off is kept. */
async function holdsAll(left: MemoryJournalFiles, answered: readonly AuditEvent[], asked: readonly AuditEvent[]) {
  const before = new Map(ownSegments(left.all).map(({ segment }) => [segment, left.content(segmentFile(segment))]));
  const { journal, asides } = await openJournal(left, { segmentBytes: SEGMENT_BYTES });
  for (const { segment, offset, bytes } of asides) {
    const gone = before.get(segment)!;
    expect(gone.length).toBe(offset + bytes);
    const copies = left.all.filter((name) => name.startsWith(`set-aside/${segment}.${offset}`));
    expect(copies.map((name) => left.content(name).equals(gone.subarray(offset)))).toContain(true);
  }
  const next = auditEvent();
  await journal.append(recordOf(next));
  await journal.close();
  const { events, faults } = await readJournal(left, journal.tell());
  expect(faults).toEqual([]);
  const found = ids(events);
  expect(found.at(-1)).toBe(next.id);
  expect(new Set(found).size).toBe(found.length);
  expect(answered.filter((event) => !found.includes(event.id))).toEqual([]);
  const known = new Map([...asked, next].map((event) => [event.id, event]));
  for (const event of events) expect(event).toStrictEqual(known.get(event.id));
  // A second opening finds nothing to set aside.
  const again = await openJournal(left);
  expect(again.asides).toEqual([]);
}

test('a power cut after any call, with whatever it leaves of what was not synced, loses nothing that was answered', async () => {
  const whole = new MemoryJournalFiles();
  await live(whole);
  const { length } = whole.calls;
  expect(length).toBeGreaterThan(20);
  expect(ownSegments(whole.all).length).toBeGreaterThanOrEqual(4);
  let tried = 0;
  for (let stopAt = 0; stopAt <= length; stopAt += 1) {
    const files = new MemoryJournalFiles();
    files.stopAt = stopAt;
    const { answered, asked } = await live(files);
    for (const names of ['synced', 'all'] as const) {
      for (const content of contents(files.unsynced)) {
        await holdsAll(files.afterPowerCut({ names, content }), answered, asked);
        tried += 1;
      }
    }
  }
  expect(tried).toBeGreaterThan(length * 2);
});

test('a power cut after any call of a recovery loses nothing either', async () => {
  const files = new MemoryJournalFiles();
  const { answered, asked } = await live(files);
  const newest = ownSegments(files.all).at(-1)!;
  const torn = Buffer.concat([files.content(segmentFile(newest.segment)), Buffer.from('{"id":"torn')]);
  const damaged = (): MemoryJournalFiles => {
    const left = files.afterPowerCut({ names: 'all', content: (_, written) => written });
    left.put(segmentFile(newest.segment), torn);
    // A new segment with half a header.
    left.put(segmentFile(formatSegment(nextSegment(newest, START))), Buffer.from('{"journal":1,'));
    return left;
  };
  const whole = damaged();
  await openJournal(whole);
  for (let stopAt = 0; stopAt <= whole.calls.length; stopAt += 1) {
    const left = damaged();
    left.stopAt = stopAt;
    await openJournal(left).catch(() => undefined);
    for (const names of ['synced', 'all'] as const) {
      for (const content of contents(left.unsynced)) {
        const after = left.afterPowerCut({ names, content });
        // In the segment, or in the copy: at no moment in neither.
        expect(after.all.some((name) => after.content(name).includes('{"id":"torn'))).toBe(true);
        await holdsAll(after, answered, asked);
      }
    }
  }
});

/** A journal of one segment with three groups of two events, and where each group ends. */
async function threeGroups() {
  const files = new MemoryJournalFiles();
  const { journal } = await openJournal(files);
  const groups: { readonly events: AuditEvent[]; readonly end: number }[] = [];
  for (let group = 0; group < 3; group += 1) {
    const events = [auditEvent(), auditEvent()];
    await Promise.all(events.map((event) => journal.append(recordOf(event))));
    groups.push({ events, end: journal.tell()!.bytes });
  }
  await journal.close();
  const { segment } = journal.tell()!;
  const name = segmentFile(segment);
  return { segment, name, bytes: files.content(name), groups };
}

test.each([
  ['the last group', 1, 2],
  ['a group before it', 0, 1],
])('a flipped bit at any byte of %s costs that group at most, and is noticed', async (_, before, hit) => {
  const { name, segment, bytes, groups } = await threeGroups();
  const [from, to] = [groups[before]!.end, groups[hit]!.end];
  const kept = groups.filter((group) => group !== groups[hit]).flatMap(({ events }) => ids(events));
  const headerEnd = bytes.indexOf('\n') + 1;
  const step = EFFORT >= 1 ? 1 : 7;
  for (let at = from; at < to; at += step) {
    const flipped = Buffer.from(bytes);
    flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << (at % 8)), at);
    const left = new MemoryJournalFiles();
    left.put(name, flipped);
    const { journal, asides } = await openJournal(left);
    const { events, faults } = await readJournal(left, journal.tell());
    if (ids(events).length > kept.length) {
      // In the hash of the trailer before: the events are proved by their own, and the chain tells.
      expect(ids(events)).toEqual(groups.flatMap((group) => ids(group.events)));
      expect(faults[0]).toContain(`a gap at ${from - headerEnd}`);
      expect(asides).toEqual([]);
      continue;
    }
    expect(ids(events)).toEqual(kept);
    if (hit === 2) {
      // A damaged last group cannot be told from one that was never complete.
      expect(asides).toEqual([{ segment, offset: from, bytes: to - from }]);
      expect(left.content(`set-aside/${segment}.${from}`).equals(flipped.subarray(from))).toBe(true);
      expect(faults).toEqual([]);
    } else {
      expect(asides).toEqual([]);
      expect(faults).toEqual([`${segment}: damage at ${from - headerEnd}`]);
    }
  }
});

test('a segment cut off at any length keeps the groups before the cut', async () => {
  const { name, segment, bytes, groups } = await threeGroups();
  const step = EFFORT >= 1 ? 1 : 13;
  for (let length = 0; length < bytes.length; length += step) {
    const left = new MemoryJournalFiles();
    left.put(name, bytes.subarray(0, length));
    const { journal, asides } = await openJournal(left);
    const whole = groups.filter(({ end }) => end <= length);
    expect(ids((await readJournal(left, journal.tell())).events)).toEqual(whole.flatMap(({ events }) => ids(events)));
    const headerEnd = bytes.indexOf('\n') + 1;
    const good = whole.at(-1)?.end ?? (length >= headerEnd ? headerEnd : 0);
    expect(asides).toEqual(length > good ? [{ segment, offset: good, bytes: length - good }] : []);
  }
});
