import { hash } from 'node:crypto';
import { createArchiveChanges } from '../../../lambdas/core/transparency/archive-changes';
import { readArchivedLine } from '../../../lambdas/core/transparency/archived-line';
import type { EventChange, StoredEvent } from '../../../lambdas/core/transparency/ports/event-change';
import { formatEventLine } from '../../../lambdas/core/audit/event-line';
import { auditEvent, recordOf } from '../../contract/audit-events';
import { CountingMetrics, TestClock, testRandomness } from '../../doubles/memory-ports';
import { RecordingLogger } from '../../doubles/recording-logger';
import { memoryArchive, memoryEventArchive, type ArchivedHours } from '../../doubles/transparency/memory-log';

const NOON = Date.parse('2026-11-21T12:00:00.000Z');
const CANARY = 'curl/8.0 sk-example-canary';

function world() {
  const archived: ArchivedHours = new Map();
  const [metrics, logger, clock] = [new CountingMetrics(), new RecordingLogger(), new TestClock()];
  const through = <T>(_: string, act: () => T): Promise<T> => Promise.resolve(act());
  const archive = createArchiveChanges({
    archive: memoryEventArchive(archived, through),
    region: 'us-east-1',
    clock,
    randomness: testRandomness,
    metrics,
    logger,
  });
  const lines = (): string[] =>
    [...archived.values()].flatMap((objects) =>
      [...objects.values()].flatMap((bytes) => bytes.toString().split('\n').slice(0, -1)),
    );
  return { archive, archived, metrics, logger, clock, lines, source: memoryArchive(archived, through) };
}

const stored = (change: Parameters<typeof auditEvent>[0] = {}, more: Partial<StoredEvent> = {}): StoredEvent => {
  const { nonce, ...event } = recordOf(auditEvent({ user_agent: CANARY, ...change }));
  return { event, nonce, expiresAt: NOON, ...more };
};
const added = (after: EventChange['after']): EventChange => ({ before: undefined, after, isEdited: true, at: NOON });
const removed = (before: EventChange['before'], at: number): EventChange => ({
  before,
  after: undefined,
  isEdited: true,
  at,
});
const lineOf = ({ event, nonce }: StoredEvent): string => formatEventLine({ ...event, nonce: nonce! });

const reported = ({ logger, metrics }: ReturnType<typeof world>) => ({
  ids: logger.lines.map(({ fields }) => fields?.event_id),
  tampered: metrics.of('event_tampered'),
  malformed: metrics.of('event_malformed'),
});

test('new events become one object, named by the hour of the clock and the hash of its lines', async () => {
  const w = world();
  const events = [stored(), stored()];
  await expect(w.archive(events.map(added))).resolves.toBe(2);
  const bytes = Buffer.from(events.map((each) => `${lineOf(each)}\n`).join(''));
  const object = { hour: '2026-11-21T09', sha256: hash('sha256', bytes, 'hex') };
  expect(await w.source.objects('2026-11-21T09')).toEqual([object]);
  expect((await w.source.read(object))?.equals(bytes)).toBe(true);
  expect(reported(w)).toEqual({ ids: [], tampered: 0, malformed: 0 });
});

test('a later attempt archives the same lines in the hour of its own clock', async () => {
  const w = world();
  const batch = [added(stored())];
  await w.archive(batch);
  w.clock.time += 3_600_000;
  await w.archive(batch);
  const [first, second] = await Promise.all(['2026-11-21T09', '2026-11-21T10'].map((hour) => w.source.objects(hour)));
  expect(first?.[0]?.sha256).toBe(second?.[0]?.sha256);
});

test('nothing is written for a batch without an event of this region', async () => {
  const w = world();
  await expect(w.archive([added(stored({ region: 'eu-west-1' })), added(undefined)])).resolves.toBe(0);
  expect(w.archived.size).toBe(0);
});

test('an event without a nonce gets one, which the publisher reads', async () => {
  const w = world();
  const event = stored({}, { nonce: undefined });
  await w.archive([added(event)]);
  await w.archive([added(event)]);
  const [one, two] = w.lines().map((line) => readArchivedLine(Buffer.from(line)));
  expect(one?.id).toBe(event.event.id);
  expect(one?.nonce).toHaveLength(32);
  expect(one?.nonce.equals(two!.nonce)).toBe(false);
});

test('an event that occurs twice in a batch has one line', async () => {
  const w = world();
  const event = stored();
  await w.archive([added(event), { before: event, after: stored(), isEdited: true, at: 0 }]);
  expect(w.lines()).toEqual([lineOf(event)]);
});

describe('an event that somebody edits', () => {
  test('is reported with its id alone, and archived as it was', async () => {
    const w = world();
    const before = stored();
    const after = { ...before, event: { ...before.event, user_id: 'somebody else' } };
    await w.archive([{ before, after, isEdited: true, at: NOON }]);
    expect(w.lines()).toEqual([lineOf(before)]);
    expect(reported(w)).toEqual({ ids: [before.event.id], tampered: 1, malformed: 0 });
    expect(w.logger.lines[0]?.level).toBe('error');
    expect(JSON.stringify(w.logger.given)).not.toContain(CANARY);
  });

  test('is reported where it was moved to another region, in both', async () => {
    const w = world();
    const here = stored();
    const there = stored({ id: here.event.id, region: 'eu-west-1' });
    await w.archive([{ before: here, after: there, isEdited: true, at: NOON }]);
    await w.archive([{ before: there, after: here, isEdited: true, at: NOON }]);
    expect(w.lines()).toEqual([lineOf(here)]);
    expect(w.metrics.of('event_tampered')).toBe(2);
  });

  test('was written again as it is: nothing has happened', async () => {
    const w = world();
    const same = stored();
    await w.archive([{ before: same, after: same, isEdited: false, at: NOON }]);
    expect(w.lines()).toEqual([]);
    expect(reported(w).tampered).toBe(0);
  });

  test('and could not be read before has no id to be named by', async () => {
    const w = world();
    await w.archive([{ before: 'unreadable', after: stored(), isEdited: true, at: NOON }]);
    expect(reported(w)).toEqual({ ids: [undefined], tampered: 1, malformed: 0 });
    expect(w.lines()).toEqual([]);
  });
});

describe('an event that goes', () => {
  test.each([
    ['once its time is over', NOON, NOON, 0],
    ['a second before', NOON, NOON - 1000, 1],
    ['that is kept for ever', undefined, NOON, 1],
  ])('%s', async (_, expiresAt, at, tampered) => {
    const w = world();
    const before = stored({}, { expiresAt });
    await w.archive([removed(before, at)]);
    expect(reported(w)).toMatchObject({ ids: tampered === 0 ? [] : [before.event.id], tampered });
    expect(w.lines()).toEqual(tampered === 0 ? [] : [lineOf(before)]);
  });

  test('and was none is not missed', async () => {
    const w = world();
    await w.archive([removed('unreadable', 0), removed(undefined, 0)]);
    expect(reported(w)).toEqual({ ids: [], tampered: 0, malformed: 0 });
  });
});

test('what is no whole event is reported; what can be placed is archived as it is read', async () => {
  const w = world();
  const damaged = stored({ damaged: true, provider: null });
  await w.archive([added(damaged), added('unreadable')]);
  expect(reported(w)).toEqual({ ids: [damaged.event.id, undefined], tampered: 0, malformed: 2 });
  expect(w.lines()).toEqual([lineOf(damaged)]);
  expect(readArchivedLine(Buffer.from(lineOf(damaged)))?.id).toBe(damaged.event.id);
});

test('of many edited events some are named, and all are counted', async () => {
  const w = world();
  await w.archive(Array.from({ length: 50 }, () => removed(stored(), 0)));
  expect(w.logger.lines).toHaveLength(21);
  expect(w.logger.lines[20]?.fields?.count).toBe(30);
  expect(w.metrics.of('event_tampered')).toBe(50);
  expect(w.lines()).toHaveLength(50);
});
