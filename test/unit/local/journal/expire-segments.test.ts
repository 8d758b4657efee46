import { EXPIRED_FILE, parseExpired, readExpired } from '../../../../local/journal/expired-mark';
import { expireSegments, finishExpiry } from '../../../../local/journal/expire-segments';
import { chainBefore } from '../../../../local/journal/segment-chain';
import { ownSegments, segmentFile } from '../../../../local/journal/segment-name';
import { auditEvent, recordOf } from '../../../contract/audit-events';
import { MemoryJournalFiles } from '../../../doubles/memory-journal-files';
import { openJournal, START } from './open-journal';

const HOUR_MS = 3_600_000;
const HOURS = 6;
const at = (hour: number): string => new Date(START + hour * HOUR_MS).toISOString();
const name = (hour: number): string => `${at(hour).slice(0, 13)}.00001`;
const TAKEN = '2026-11-27T08.00000';

/** A segment each hour, with its index; the events are of the hour of writing unless a test says otherwise. */
async function sixHours() {
  const files = new MemoryJournalFiles();
  const { journal, clock } = await openJournal(files);
  const times = new Map<string, string>();
  for (let hour = 0; hour < HOURS; hour += 1) {
    clock.time = START + hour * HOUR_MS;
    await journal.append(recordOf(auditEvent({ timestamp: at(hour) })));
    times.set(name(hour), at(hour));
    files.put(`${name(hour)}.index`, Buffer.from('{}'));
  }
  await journal.close();
  files.put(segmentFile(TAKEN), Buffer.from('taken over'));
  times.set(TAKEN, at(-2));
  const left = (): readonly string[] => ownSegments(files.all).map(({ segment }) => segment);
  const unpublished = new Set<string>();
  const kept: number[] = [];
  const expire = (before: number, over = files): Promise<number> =>
    expireSegments({
      isPublished: (segment) => !unpublished.has(segment),
      onKept: (count) => void kept.push(count),
      files: over,
      before,
      newest: journal.tell()?.segment,
      greatestTime: async (segment) => times.get(segment),
    });
  return { files, times, left, expire, unpublished, kept };
}

it('deletes what is older, oldest first, with what stands beside it, and remembers where the chain begins', async () => {
  const { files, left, expire } = await sixHours();
  expect(await expire(START - 2 * HOUR_MS)).toBe(0);
  expect(await readExpired(files)).toBeUndefined();
  expect(await expire(START + 2 * HOUR_MS)).toBe(3);
  expect(left()).toEqual([name(2), name(3), name(4), name(5)]);
  expect(files.all).not.toContain(segmentFile(TAKEN));
  expect(files.all).not.toContain(`${name(1)}.index`);
  expect(files.all).toContain(`${name(2)}.index`);
  const mark = await readExpired(files);
  expect(mark).toEqual({ through: name(1), previous: await chainBefore(files, name(2)) });
  expect(await expire(START + 2 * HOUR_MS)).toBe(0);
});

it('keeps the newest, and goes on from its end', async () => {
  const { files, left, expire } = await sixHours();
  expect(await expire(START + 1_000 * HOUR_MS)).toBe(6);
  expect(left()).toEqual([name(5)]);
  const { journal } = await openJournal(files);
  await journal.append(recordOf(auditEvent()));
  const [newest, before] = ownSegments(files.all).toReversed();
  expect(before!.segment).toBe(name(5));
  expect(await chainBefore(files, newest!.segment)).not.toBe(await chainBefore(files, name(5)));
});

it('keeps a segment with a newer event, and all behind it; and one of which nobody can say', async () => {
  const { times, left, expire } = await sixHours();
  times.set(name(1), at(9));
  times.delete(TAKEN);
  expect(await expire(START + 4 * HOUR_MS)).toBe(1);
  expect(left()).toEqual([1, 2, 3, 4, 5].map(name));
  times.delete(name(1));
  expect(await expire(START + 4 * HOUR_MS)).toBe(0);
});

it('remembers the chain also where the header of the next segment is damaged', async () => {
  const { files, expire } = await sixHours();
  const previous = (await chainBefore(files, name(2)))!;
  const damaged = Buffer.from(files.content(segmentFile(name(2))));
  damaged.write('X', 2);
  files.put(segmentFile(name(2)), damaged);
  await expire(START + 2 * HOUR_MS);
  expect((await readExpired(files))?.previous).toBe(previous);
});

it('is finished after an end at any call', async () => {
  const whole = await sixHours();
  const written = whole.files.calls.length;
  await whole.expire(START + 3 * HOUR_MS);
  const { length } = whole.files.calls;
  expect(length).toBeGreaterThan(written + 5);
  for (let stopAt = written; stopAt < length; stopAt += 1) {
    for (const names of ['synced', 'all'] as const) {
      const { files, expire, left } = await sixHours();
      const chain = await chainBefore(files, name(3));
      files.stopAt = stopAt;
      await expire(START + 3 * HOUR_MS).catch(() => undefined);
      const after = files.afterPowerCut({ names, content: (durable) => durable });
      await finishExpiry(after);
      const kept = ownSegments(after.all).map(({ segment }) => segment);
      const mark = await readExpired(after);
      if (mark === undefined) expect(kept).toHaveLength(HOURS);
      else {
        expect(mark).toEqual({ through: name(2), previous: chain });
        expect(kept).toEqual([name(3), name(4), name(5)]);
      }
      await expire(START + 3 * HOUR_MS, after);
      expect(ownSegments(after.all).map(({ segment }) => segment)).toEqual([name(3), name(4), name(5)]);
      expect(left().length).toBeGreaterThanOrEqual(3);
    }
  }
});

it.each(['', '{}', '{"through":"x","previous":"y"}', `{"through":"${name(0)}","previous":"zz"}`, '{"through":1}'])(
  'takes %p for no mark',
  async (text) => {
    expect(parseExpired(text)).toBeUndefined();
    const files = new MemoryJournalFiles();
    files.put(EXPIRED_FILE, Buffer.from(text));
    expect(await finishExpiry(files)).toBe(0);
  },
);

it('keeps a segment whose events are not published, and what follows it, and says so', async () => {
  const { files, left, expire, unpublished, kept } = await sixHours();
  for (const segment of [name(1), TAKEN]) unpublished.add(segment);
  expect(await expire(START + 4 * HOUR_MS)).toBe(1);
  expect(left()).toEqual([1, 2, 3, 4, 5].map(name));
  expect(files.all).toContain(segmentFile(TAKEN));
  expect(kept).toEqual([2]);
  unpublished.clear();
  expect(await expire(START + 4 * HOUR_MS)).toBe(4);
  expect(left()).toEqual([4, 5].map(name));
  expect(kept).toEqual([2]);
});
