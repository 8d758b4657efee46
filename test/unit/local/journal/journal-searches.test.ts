import { appendFileSync, existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import type { AuditEvent } from '../../../../lambdas/core/audit/audit-event';
import type { AuditPage, AuditPosition, AuditQuery } from '../../../../lambdas/core/audit/ports/audit-log';
import { formatEventLine } from '../../../../lambdas/core/audit/event-line';
import { JournalSearches } from '../../../../local/journal/journal-searches';
import { sha256 } from '../../../../local/journal/journal-format';
import type { JournalView } from '../../../../local/journal/journal-view';
import { indexFile } from '../../../../local/journal/segment-name';
import { auditEvent, newestFirst } from '../../../contract/audit-events';
import { TestClock } from '../../../doubles/memory-ports';
import { WrittenJournal } from '../../../doubles/written-journal';
import { runs } from '../../../effort';

const PERIOD = { from: '2026-11-01T00:00:00.000Z', to: '2026-12-31T00:00:00.000Z' };
const START = Date.parse('2026-11-21T09:00:00.000Z');
const MINUTE_MS = 60_000;

const journals: WrittenJournal[] = [];
const newJournal = (): WrittenJournal => {
  const journal = new WrittenJournal();
  journals.push(journal);
  return journal;
};
afterEach(() => {
  for (const journal of journals.splice(0)) journal.remove();
});

interface Damage {
  readonly segment: string;
  readonly offset: number;
  readonly bytes: number;
  readonly unreadable: number;
}

/** Opened as at a start. Blocks of a few events, so that a segment has several. */
function search(journal: WrittenJournal, clock = new TestClock()) {
  const damage: Damage[] = [];
  const searches = new JournalSearches({
    directory: journal.directory,
    clock,
    onDamage: (segment, place) => damage.push({ segment, ...place }),
    blockBytes: 2_048,
  });
  const view = (): JournalView => ({ end: journal.end, hasTakenOver: true });
  const page = async (query: Partial<AuditQuery> = {}, at = view()): Promise<AuditPage> =>
    (await searches.search(at, { kind: 'query', query: { ...PERIOD, limit: 50, ...query } })) as AuditPage;
  const all = async (query: Partial<AuditQuery> = {}) => {
    const events: AuditEvent[] = [];
    let pages = 0;
    let before: AuditPosition | undefined;
    do {
      const { events: some, next } = await page({ ...query, ...(before !== undefined && { before }) });
      events.push(...some);
      pages += 1;
      expect(next === undefined || before === undefined || place(next) < place(before)).toBe(true);
      before = next;
    } while (before !== undefined);
    return { events, pages };
  };
  return { searches, view, page, all, damage };
}

const place = ({ timestamp, id }: AuditPosition): string => `${timestamp}#${id}`;
const eventAt = (minute: number, change: Partial<AuditEvent> = {}): AuditEvent =>
  auditEvent({ timestamp: new Date(START + minute * MINUTE_MS).toISOString(), ...change });

/** Some segments of several blocks each. */
function written(count = 60): { journal: WrittenJournal; events: AuditEvent[]; segments: string[] } {
  const journal = newJournal();
  const events = Array.from({ length: count }, (_, minute) => eventAt(minute));
  const segments: string[] = [];
  for (let start = 0; start < count; start += 3) {
    if (start % 21 === 0) segments.push(journal.next());
    journal.add(events.slice(start, start + 3));
  }
  return { journal, events: events.sort(newestFirst), segments };
}

describe('order', () => {
  it('is by time and id, however the clock was set meanwhile, in pages of any length and whatever the time allows', async () => {
    const group = fc.array(fc.record({ jump: fc.constantFrom(0, 0, 1, 1, 1, -3, 400, -5_000), same: fc.boolean() }), {
      minLength: 1,
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ group, isNext: fc.boolean() }), { maxLength: 25 }),
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom(0, 700, 5_000),
        fc.integer({ min: 0, max: 3 }),
        async (groups, limit, msPerLook, restarts) => {
          const journal = newJournal();
          const clock = new SlowClock(msPerLook);
          const events: AuditEvent[] = [];
          let minute = 0;
          let opened = search(journal, clock);
          for (const [index, { group: specs, isNext }] of groups.entries()) {
            if (isNext) journal.next();
            const some = specs.map(({ jump, same }) => {
              minute = Math.max(-20_000, Math.min(40_000, minute + jump));
              const provider = same ? 'openai' : 'google';
              return eventAt(minute, { provider });
            });
            events.push(...some);
            journal.add(some);
            if (index % 5 === restarts) opened = search(journal, clock);
            if (index % 4 === restarts) await opened.page();
          }
          events.sort(newestFirst);
          expect((await opened.all({ limit })).events).toStrictEqual(events);
          const ours = events.filter(({ provider }) => provider === 'google');
          expect((await opened.all({ limit, provider: 'google' })).events).toStrictEqual(ours);
          expect((await search(journal, clock).all({ limit })).events).toStrictEqual(events);
          expect(opened.damage).toStrictEqual([]);
        },
      ),
      { numRuns: runs(150) },
    );
  });

  /** Time passes at each read of the clock. */
  class SlowClock extends TestClock {
    constructor(private readonly msPerLook: number) {
      super();
    }
    override now(): number {
      this.time += this.msPerLook;
      return this.time;
    }
  }

  it('ends a page whose time is up with the place to go on from, with what was found until then', async () => {
    const { journal, events } = written();
    const { all, page } = search(journal, new SlowClock(1_500));
    const first = await page({ provider: 'nobody' });
    expect(first.events).toStrictEqual([]);
    expect(first.next).toBeDefined();
    const read = await all();
    expect(read.events).toStrictEqual(events);
    expect(read.pages).toBeGreaterThan(5);
  });

  it('reads segments of an older data directory with the others only once they are whole', async () => {
    const { journal, events } = written(6);
    const older = [eventAt(-5), eventAt(100)];
    journal.addTakenOver('2026-11-21T08', older);
    const { page, all } = search(journal);
    expect((await page({}, { end: journal.end, hasTakenOver: false })).events).toStrictEqual(events);
    expect((await all()).events).toStrictEqual([...events, ...older].sort(newestFirst));
  });
});

describe('extent', () => {
  it('shows nothing of what is not durable, nor of segments that begin later', async () => {
    const { journal, events } = written(9);
    const end = journal.end!;
    journal.add([eventAt(50)]);
    journal.next();
    journal.add([eventAt(51)]);
    const { page } = search(journal);
    expect((await page({}, { end, hasTakenOver: true })).events).toStrictEqual(events);
    expect((await page()).events).toHaveLength(11);
    // A search that was begun before is still answered.
    expect(
      (await page({ to: new Date(START + 9 * MINUTE_MS).toISOString() }, { end, hasTakenOver: true })).events,
    ).toStrictEqual(events);
  });

  it('follows the newest segment, and sees each event at once', async () => {
    const journal = newJournal();
    const { page } = search(journal);
    expect(await page()).toStrictEqual({ events: [] });
    for (let minute = 0; minute < 40; minute += 1) {
      if (minute % 11 === 0) journal.next();
      const event = eventAt(minute);
      journal.add([event]);
      expect((await page({ limit: 1 })).events).toStrictEqual([event]);
    }
    expect((await page()).events).toHaveLength(40);
  });

  it('has a line that is longer than a block, and a group of many blocks', async () => {
    const journal = newJournal();
    const long = eventAt(1, { user_agent: 'x'.repeat(9_000) });
    const many = Array.from({ length: 40 }, (_, minute) => eventAt(2 + minute));
    journal.add([eventAt(0)]);
    journal.add([long]);
    journal.add(many);
    const { all } = search(journal);
    expect((await all()).events.slice(0, 41)).toStrictEqual([...many.reverse(), long]);
  });

  it('shows an event once that was written again, and intact where one of them is', async () => {
    const journal = newJournal();
    const event = eventAt(5);
    journal.add([event]);
    const segment = journal.next();
    journal.add([event, eventAt(6)]);
    journal.add([event]);
    journal.edit(segment, (text) => text.toString().replace('test/1.0', 'TEST/1.0'));
    const { events } = await search(journal).all({ limit: 1 });
    expect(events).toHaveLength(2);
    expect(events[1]).toStrictEqual(event);
  });

  it('does without segments that retention has deleted meanwhile, and not without others', async () => {
    const { journal, events, segments } = written();
    const { page, searches, view } = search(journal);
    await page();
    rmSync(journal.path(segments[0]!));
    expect((await page({ limit: 100 })).events).toStrictEqual(events.slice(0, -21));
    await expect(searches.search(view(), { kind: 'greatest', segment: segments[0]! })).resolves.toBeUndefined();
    rmSync(journal.directory, { recursive: true });
    await expect(page()).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('says the time of the newest event of a segment', async () => {
    const { journal, segments } = written();
    const { searches, view } = search(journal);
    const find = (segment: string) => searches.search(view(), { kind: 'greatest', segment });
    await expect(find(segments[0]!)).resolves.toBe(eventAt(20).timestamp);
    await expect(find('2020-01-01T00.00001')).resolves.toBeUndefined();
  });
});

describe('damage', () => {
  it('costs what a flipped byte touches and nothing else, wherever it is, and is reported once with its place', async () => {
    const intact = written(9);
    const [segment] = intact.segments;
    const bytes = readFileSync(intact.journal.path(segment!));
    const lines = bytes.toString().split('\n').slice(0, -1);
    const step = Math.ceil(bytes.length / runs(bytes.length / 4, 40));
    for (let at = 0; at < bytes.length; at += step) {
      const flipped = Buffer.from(bytes);
      flipped[at] = flipped[at]! ^ 1;
      writeFileSync(intact.journal.path(segment!), flipped);
      // Closed, so that its index is complete.
      const { all, page, damage } = search(intact.journal);
      const from = '1970-01-01T00:00:00.000Z';
      const { events } = await all({ from, to: '9999-12-31T00:00:00.000Z', limit: 4 });
      await page({ from, to: '9999-12-31T00:00:00.000Z' });
      const line = lines.findIndex((_, index) => lines.slice(0, index + 1).join('\n').length >= at);
      const touched = lines[line]!.startsWith('{"id"') ? lines[line]! : '';
      // A missing line feed joins two lines.
      const next = at === lines.slice(0, line + 1).join('\n').length ? (lines[line + 1] ?? '') : '';
      const untouched = intact.events.filter(({ id }) => !touched.includes(id) && !next.includes(id));
      const shown = new Map(events.map((event) => [event.id, event]));
      for (const event of untouched) expect(shown.get(event.id)).toMatchObject({ ...event });
      for (const event of events) {
        if (!intact.events.some(({ id }) => id === event.id)) expect(event.damaged).toBe(true);
        else if (event.damaged !== true) expect(event).toStrictEqual(intact.events.find(({ id }) => id === event.id));
      }
      expect(damage.length).toBeGreaterThan(0);
      expect(new Set(damage.map(({ offset }) => offset)).size).toBe(damage.length);
    }
    writeFileSync(intact.journal.path(segment!), bytes);
  });

  it('marks the events of the group alone, which a filter finds in what was edited', async () => {
    const { journal, segments, events } = written(18);
    journal.edit(segments[0]!, (text) =>
      text.toString().replace('"success":true', '"success": false').replace('"user_id":"arn', '"user_id" : "ARN'),
    );
    const { page, damage } = search(journal);
    const all = await page();
    expect(all.events.filter(({ damaged }) => damaged)).toHaveLength(3);
    expect(all.events.filter(({ damaged }) => !damaged)).toStrictEqual(events.slice(0, 15));
    expect((await page({ success: false })).events).toMatchObject([{ success: false, damaged: true }]);
    expect((await page({ user_prefix: 'ARN' })).events).toHaveLength(1);
    expect(damage).toMatchObject([{ segment: segments[0], unreadable: 0 }]);
  });

  it('counts lines that cannot be read, and shows those around them', async () => {
    const { journal, segments } = written(18);
    journal.edit(segments[0]!, (text) => text.toString().replace(/"provider"/, '"pro\n"'));
    const { page, damage } = search(journal);
    expect((await page()).events).toHaveLength(17);
    expect(damage).toMatchObject([{ unreadable: 2 }]);
  });

  it('is found where the disk changed a byte and nothing says so, by whoever reads it, and by the verification', async () => {
    const { journal, segments } = written();
    await search(journal).page();
    const [segment] = segments;
    journal.edit(segment!, (text) => text.toString().replace('test/1.0', 'TEST/1.0'));
    // As if the segment had not been written since.
    const believe = (): void => {
      const path = `${journal.directory}/${indexFile(segment!)}`;
      const index = JSON.parse(readFileSync(path, 'utf8').split('\n')[0]!) as {
        state: { changedAt: string };
        blocks: unknown[][];
      };
      index.state.changedAt = String(statSync(journal.path(segment!), { bigint: true }).ctimeNs);
      for (const block of index.blocks) block[4] = false;
      const line = JSON.stringify({ ...index, damage: [] });
      writeFileSync(path, `${line}\n${sha256(line)}\n`);
    };
    believe();
    const reading = search(journal);
    expect((await reading.all()).events.filter(({ damaged }) => damaged)).toHaveLength(3);
    expect(reading.damage).toMatchObject([{ segment }]);
    expect((await reading.all({ request_id: 'none' })).events).toStrictEqual([]);
    believe();
    const { searches, view, damage } = search(journal);
    await searches.verify(view());
    expect(damage).toMatchObject([{ segment }]);
  });

  it('tells of groups and segments that are missing or in another order', async () => {
    const { journal, segments } = written();
    const whole = readFileSync(journal.path(segments[0]!)).toString();
    const [header, ...rest] = whole.split(/(?<="sha256":"[0-9a-f]{64}"\}\n)|(?<=^\{"journal".*\n)/);
    const place = header!.length + rest[0]!.length;
    for (const order of [
      [0, 2, 3],
      [0, 1, 1, 2],
      [0, 2, 1],
    ]) {
      journal.edit(segments[0]!, () => [header, ...order.map((index) => rest[index])].join(''));
      const { page, damage } = search(journal);
      const { events } = await page({ limit: 200 });
      expect(events.filter(({ damaged }) => damaged)).toStrictEqual([]);
      expect(damage[0]).toMatchObject({ segment: segments[0], bytes: 0, unreadable: 0 });
      expect(damage[0]!.offset).toBeGreaterThanOrEqual(place);
    }
    journal.edit(segments[0]!, () => whole);
    rmSync(journal.path(segments[1]!));
    const { searches, view, damage } = search(journal);
    await searches.verify(view());
    expect(damage).toStrictEqual([]);
  });

  it('tells of a segment that does not follow the one before it', async () => {
    const { journal, segments } = written(90);
    rmSync(journal.path(segments[1]!));
    const { searches, view, damage } = search(journal);
    await searches.verify(view());
    expect(damage).toStrictEqual([{ segment: segments[2], offset: 0, bytes: 0, unreadable: 0 }]);
    // Retention removes the oldest ones.
    rmSync(journal.path(segments[0]!));
    const later = search(journal);
    await later.searches.verify(later.view());
    expect(later.damage).toStrictEqual([]);
  });

  it('shows what is left where a segment has lost its end, of the newest one, too', async () => {
    const { journal, segments, events } = written();
    for (const segment of [segments[2]!, segments[0]!]) {
      truncateSync(journal.path(segment), statSync(journal.path(segment)).size - 300);
      const { all, damage } = search(journal);
      const { events: shown } = await all();
      expect(shown.length).toBeGreaterThanOrEqual(events.length - 6);
      expect(damage).toContainEqual(expect.objectContaining({ segment }));
    }
    const { all } = search(journal);
    await all();
    const next = eventAt(2_000);
    journal.next();
    journal.add([next]);
    expect((await all()).events[0]).toStrictEqual(next);
  });
});

describe('what is kept beside a closed segment', () => {
  it('is made when the next one begins, saves looking at the segment, and can be deleted', async () => {
    const { journal, events, segments } = written();
    const paths = segments.map((segment) => `${journal.directory}/${indexFile(segment)}`);
    await search(journal).page();
    expect(paths.map((path) => existsSync(path))).toStrictEqual([true, true, false]);
    for (const path of paths.slice(0, 1)) rmSync(path);
    expect((await search(journal).all()).events).toStrictEqual(events);
    expect(existsSync(paths[0]!)).toBe(true);
  });

  it('is not believed where any byte of it is another one, or it was made for another state of the segment', async () => {
    const { journal, events, segments } = written();
    const path = `${journal.directory}/${indexFile(segments[1]!)}`;
    await search(journal).page();
    const bytes = readFileSync(path);
    const step = Math.ceil(bytes.length / runs(bytes.length / 8, 30));
    for (let at = 0; at < bytes.length - 1; at += step) {
      const flipped = Buffer.from(bytes);
      flipped[at] = flipped[at]! ^ 1;
      writeFileSync(path, flipped);
      expect((await search(journal).all()).events).toStrictEqual(events);
    }
    for (const other of ['', '{}\n', bytes.subarray(0, 50), `${JSON.stringify({ index: 2 })}\n`]) {
      writeFileSync(path, other);
      expect((await search(journal).all()).events).toStrictEqual(events);
    }
    const later = eventAt(1_000);
    journal.edit(segments[1]!, (text) => Buffer.concat([text, Buffer.from(`${formatEventLine(later)}\n`)]));
    writeFileSync(path, bytes);
    expect((await search(journal).all()).events[0]).toStrictEqual({ ...later, damaged: true });
  });

  it('is left out where it cannot be written', async () => {
    const { journal, events, segments } = written();
    const path = `${journal.directory}/${indexFile(segments[0]!)}`;
    writeFileSync(`${path}.new`, '', { mode: 0o400 });
    const { all } = search(journal);
    expect((await all()).events).toStrictEqual(events);
    expect((await all()).events).toStrictEqual(events);
  });
});

it('takes nothing for an event that stands in the text of another', async () => {
  const journal = newJournal();
  const spoof = '"request_id":"wanted","provider":"other"\n{"count":1}';
  journal.add([eventAt(1, { user_agent: spoof, error_message: spoof })]);
  const { page } = search(journal);
  expect((await page({ request_id: 'wanted' })).events).toStrictEqual([]);
  expect((await page({ provider: 'other' })).events).toStrictEqual([]);
  expect((await page()).events).toHaveLength(1);
});

it('does not show an end that was cut off as an event', async () => {
  const { journal, events } = written(9);
  appendFileSync(journal.path(journal.end!.segment), formatEventLine(eventAt(30)).slice(0, 200));
  expect((await search(journal).page()).events).toStrictEqual(events);
});
