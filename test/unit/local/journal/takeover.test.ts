import { randomInt } from 'node:crypto';
import type { AuditEvent } from '../../../../lambdas/core/audit/audit-event';
import { auditBucket, auditEventKey } from '../../../../lambdas/adapters/aws/dynamodb/dynamodb-tables';
import { openDiskJournalFiles } from '../../../../local/journal/disk-journal-files';
import type { JournalFiles } from '../../../../local/journal/journal-files';
import { createJournalReader } from '../../../../local/journal/journal-reader';
import { JournalSearches } from '../../../../local/journal/journal-searches';
import { isPlaced, type OlderRow } from '../../../../local/journal/older-rows';
import type { RowsToTakeOver } from '../../../../local/journal/take-over-events';
import { Takeover } from '../../../../local/journal/takeover';
import { auditEvent, newestFirst } from '../../../contract/audit-events';
import { intent, outcomeOf } from '../../../contract/audit-intents';
import { readAll } from '../../../contract/audit-log.contract';
import { MemoryAudit, TestClock } from '../../../doubles/memory-ports';
import { RecordingLogger } from '../../../doubles/recording-logger';
import { WrittenJournal } from '../../../doubles/written-journal';
import { runs } from '../../../effort';
import { until } from '../../../until';

/** At least as many as a takeover of these events takes; not twice as many. */
const MOST_CALLS = 280;
const PERIOD = { from: '2026-11-01T00:00:00.000Z', to: '2026-12-31T00:00:00.000Z', limit: 7 };

/** The table of an older data directory in memory, and its reader. */
class OlderTable implements RowsToTakeOver {
  readonly log = new MemoryAudit();
  readonly odd: OlderRow[] = [];

  private get rows(): readonly (OlderRow & { event: AuditEvent })[] {
    return this.log.events.map((event) => ({
      event,
      bucket: auditBucket(event.provider, event.timestamp, event.id),
      key: auditEventKey(event.timestamp, event.id),
    }));
  }

  async places(start: { readonly at?: { readonly N?: string } } | undefined) {
    const from = Number(start?.at?.N ?? 0);
    const some = [...this.rows, ...this.odd].slice(from, from + 10);
    const rows = some.filter(isPlaced);
    const isMore = from + 10 < this.rows.length + this.odd.length;
    return { rows, others: some.length - rows.length, ...(isMore && { next: { at: { N: String(from + 10) } } }) };
  }

  async read(bucket: string, after: string) {
    const all = this.rows.filter((row) => row.bucket === bucket && row.key > after);
    const events = all.sort((a, b) => (a.key < b.key ? -1 : 1)).slice(0, 2);
    return { events, isEnd: events.length === all.length, last: events.at(-1)?.key ?? after };
  }

  async erase(rows: readonly OlderRow[]) {
    // The last one is not processed, as DynamoDB may answer.
    const gone = rows.length > 1 ? rows.slice(0, -1) : rows;
    for (const { key } of gone) {
      const at = this.log.events.findIndex((event) => auditEventKey(event.timestamp, event.id) === key);
      if (at >= 0) this.log.events.splice(at, 1);
    }
    return gone.length;
  }
}

/** Counts calls, and does not answer after this many: the process is dead. */
function killedAfter<T extends object>(target: T, isDead: () => boolean): T {
  return new Proxy(target, {
    get: (of, name) => {
      const member: unknown = Reflect.get(of, name);
      if (typeof member !== 'function') return member;
      return async (...given: unknown[]): Promise<unknown> => {
        if (isDead()) return new Promise(() => undefined);
        const made: unknown = await (member as (...all: unknown[]) => Promise<unknown>).apply(of, given);
        if (isDead()) return new Promise(() => undefined);
        return typeof (made as { write?: unknown } | undefined)?.write === 'function' && name === 'create'
          ? killedAfter(made as object, isDead)
          : made;
      };
    },
  });
}

const journals: WrittenJournal[] = [];
afterEach(() => {
  for (const journal of journals.splice(0)) journal.remove();
});

interface Process {
  readonly takeover: Takeover;
  readonly reader: ReturnType<typeof createJournalReader>;
  readonly logger: RecordingLogger;
}

/** @param onDeath called once, after the process' last call */
async function openProcess(
  journal: WrittenJournal,
  table: OlderTable,
  calls = Infinity,
  onDeath: () => void = () => undefined,
): Promise<Process> {
  const clock = new TestClock();
  const logger = new RecordingLogger();
  let made = 0;
  const isDead = (): boolean => {
    made += 1;
    if (made > calls) onDeath();
    return made > calls;
  };
  const files: JournalFiles = killedAfter(await openDiskJournalFiles(journal.directory), isDead);
  const takeover = await Takeover.open({
    rows: killedAfter(table, isDead),
    files,
    reader: table.log,
    clock,
    logger,
  });
  const reader = createJournalReader({
    tell: () => journal.end,
    searches: new JournalSearches({ directory: journal.directory, clock, onDamage: fail }),
    older: () => takeover.older(),
    marks: table.log,
    clock,
  });
  return { takeover, reader, logger };
}

const fail = (): void => {
  throw new Error('nothing is damaged');
};

function someEvents(): { older: AuditEvent[]; own: AuditEvent[] } {
  const older = ['05T23:59', '06T00:00', '06T00:30', '06T07:15', '08T12:00', '20T12:00'].flatMap((time) =>
    ['openai', 'google', null].map((provider) => auditEvent({ provider, timestamp: `2026-11-${time}:01.007Z` })),
  );
  const own = ['08T11:00', '08T13:00', '09T00:00'].map((time) => auditEvent({ timestamp: `2026-11-${time}:02.000Z` }));
  return { older, own };
}

async function prepare() {
  const { older, own } = someEvents();
  const journal = new WrittenJournal();
  journals.push(journal);
  const table = new OlderTable();
  table.log.events.push(...older);
  journal.next('2026-11-08T11');
  for (const event of own) journal.add([event]);
  return { journal, table, all: [...older, ...own].sort(newestFirst) };
}

const readWhole = async ({ reader }: Process) => (await readAll(reader, PERIOD)).events;

it('shows every event once before, meanwhile and afterwards, and says what it does in two lines and a third', async () => {
  const { journal, table, all } = await prepare();
  const running = await openProcess(journal, table);
  expect(await readWhole(running)).toStrictEqual(all);
  running.takeover.start();
  while (!running.takeover.isDone) expect(await readWhole(running)).toStrictEqual(all);
  await running.takeover.close();
  expect(await readWhole(running)).toStrictEqual(all);
  expect(table.log.events).toStrictEqual([]);
  expect(running.logger.lines.map(({ fields }) => fields)).toStrictEqual([{ count: 18 }, { count: 18 }, { count: 18 }]);
  expect(running.takeover.older()).toBeUndefined();
});

it('puts events into segments of their own hours, which follow each other', async () => {
  const { journal, table } = await prepare();
  const { takeover } = await openProcess(journal, table);
  takeover.start();
  await until('it is done', () => takeover.isDone);
  const files = await openDiskJournalFiles(journal.directory);
  const names = (await files.list()).filter((name) => /\.00000\.jsonl$/.test(name)).sort();
  expect(names.map((name) => name.slice(8, 13))).toStrictEqual(['05T23', '06T00', '06T07', '08T12', '20T12']);
  const damage: string[] = [];
  const searches = new JournalSearches({
    directory: journal.directory,
    clock: new TestClock(),
    onDamage: (segment) => damage.push(segment),
  });
  await searches.verify({ end: journal.end, hasTakenOver: true });
  expect(damage).toStrictEqual([]);
});

it('loses nothing and shows nothing twice where it is killed after any call', async () => {
  // Of the calls of the table and of the file system, some in a test before a commit and each in a long one.
  const step = Math.ceil(MOST_CALLS / runs(MOST_CALLS / 4));
  for (let calls = randomInt(1, step + 1); calls < MOST_CALLS; calls += step) {
    const { journal, table, all } = await prepare();
    await runUntilKilled(journal, table, calls);
    const next = await openProcess(journal, table);
    expect(await readWhole(next)).toStrictEqual(all);
    next.takeover.start();
    await until('the rows are gone', () => next.takeover.isDone);
    expect(await readWhole(next)).toStrictEqual(all);
    expect(table.log.events).toStrictEqual([]);
    await next.takeover.close();
    journal.remove();
  }
});

it('makes fewer calls than are tried', async () => {
  const { journal, table } = await prepare();
  await expect(runUntilKilled(journal, table, MOST_CALLS)).resolves.toBe('done');
  const other = await prepare();
  await expect(runUntilKilled(other.journal, other.table, MOST_CALLS / 2)).resolves.toBe('killed');
});

async function runUntilKilled(journal: WrittenJournal, table: OlderTable, calls: number): Promise<'killed' | 'done'> {
  const ends = new Set<'killed' | 'done'>();
  let running: Process | undefined;
  const opened = openProcess(journal, table, calls, () => ends.add('killed'));
  void opened.then((process) => {
    running = process;
    process.takeover.start();
  });
  await until('it is done or dead', () => {
    if (running?.takeover.isDone === true) ends.add('done');
    return ends.size > 0;
  });
  return ends.has('killed') ? 'killed' : 'done';
}

it('finds an open intent of before whose outcome is in the journal, and not the other way round', async () => {
  const journal = new WrittenJournal();
  journals.push(journal);
  const table = new OlderTable();
  const time = Date.parse('2026-11-08T10:00:00.000Z');
  const [closed, open] = [intent('openai', time), intent('openai', time + 1)];
  table.log.events.push(closed, open);
  journal.add([outcomeOf(closed, time + 3_600_000)]);
  const running = await openProcess(journal, table);
  const find = () => running.reader.find('openai', PERIOD.from, PERIOD.to);
  await expect(find()).resolves.toStrictEqual([open]);
  running.takeover.start();
  await until('it is done', () => running.takeover.isDone);
  await expect(find()).resolves.toStrictEqual([open]);
});

it('leaves rows alone that are no events by their keys, and says so', async () => {
  const { journal, table, all } = await prepare();
  table.odd.push({ bucket: 'openai#2026-11-05#00', key: 'odd' }, { bucket: 'openai', key: `${all[0]!.timestamp}#x` });
  const running = await openProcess(journal, table);
  running.takeover.start();
  await until('it is done', () => running.takeover.isDone);
  expect(running.logger.lines.filter(({ level }) => level === 'warn')).toMatchObject([{ fields: { count: 2 } }]);
  expect(await readWhole(running)).toStrictEqual(all);
});

it('has nothing to do, now and at the next start, where there is no event', async () => {
  const journal = new WrittenJournal();
  journals.push(journal);
  const table = new OlderTable();
  const { takeover, logger } = await openProcess(journal, table);
  expect(takeover.older()).toBeUndefined();
  takeover.start();
  await takeover.close();
  expect(logger.lines).toStrictEqual([]);
  // No process writes what comes into the table from then on.
  table.log.events.push(auditEvent());
  expect((await openProcess(journal, table)).takeover.older()).toBeUndefined();
});

it('goes on a minute later where the table or the disk does not answer', async () => {
  const { journal, table, all } = await prepare();
  const read = table.read.bind(table);
  let failures = 3;
  table.read = async (...given) => {
    if (failures > 0) {
      failures -= 1;
      throw new Error('away');
    }
    return read(...given);
  };
  const running = await openProcess(journal, table);
  running.takeover.start();
  await until('it is done', () => running.takeover.isDone);
  expect(running.logger.lines.filter(({ level }) => level === 'warn')).toHaveLength(3);
  expect(await readWhole(running)).toStrictEqual(all);
});
