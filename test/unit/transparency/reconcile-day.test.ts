import { readArchivedLine } from '../../../lambdas/core/transparency/archived-line';
import { dayRecord } from '../../../lambdas/core/transparency/due-days';
import { recordOf } from '../../contract/audit-events';
import { HOUR_MS, START } from './publisher-world';
import { DAY_MS, eventOf, reconciliationWorld, type ReconciliationWorld } from './reconciliation-world';

/** When the reconciliation reads the day on which the log began. */
const SECOND_DAY = Date.parse('2026-11-29T03:37:00.000Z');
const DAY = '2026-11-27';

/** A log that has the even ones of 20 events, which are all in the table, and one more that is gone from there. */
async function halfLogged(): Promise<ReconciliationWorld> {
  const w = reconciliationWorld();
  const events = Array.from({ length: 20 }, (_, number) => eventOf(number));
  for (const event of events) w.store(event);
  w.archive([...events.filter((_, number) => number % 2 === 0), eventOf(50)]);
  await w.log.publish();
  return w;
}

/** Publishes each hour until it is time. */
async function until(w: ReconciliationWorld, time: number): Promise<void> {
  w.log.now = time - HOUR_MS;
  await w.log.publish();
  w.log.now = time;
}

const idsOf = (numbers: readonly number[]): string[] => numbers.map((number) => eventOf(number).id).toSorted();
const ODD = [1, 3, 5, 7, 9, 11, 13, 15, 17, 19];
const ALL = [...Array(20).keys(), 50];

test('what no log has is archived as it is stored, counted, and published once', async () => {
  const w = await halfLogged();
  await until(w, SECOND_DAY);
  const before = w.archivedIds().length;
  await w.drain();
  expect(w.archivedIds().slice(before).toSorted()).toEqual(idsOf(ODD));
  expect(w.metrics.of('event_unlogged')).toBe(10);
  expect(w.metrics.of('day_reconciled')).toBe(29);
  await w.log.publish();
  expect(w.logged()).toEqual(idsOf(ALL));
  expect(w.records.get(dayRecord({ day: DAY, age: 2 }))?.toString()).toBe('{"found":10}\n');
  // With the next reading nothing is left.
  await until(w, SECOND_DAY + 5 * DAY_MS);
  await w.drain();
  expect(w.archivedIds()).toHaveLength(before + 10);
  expect(w.metrics.of('event_unlogged')).toBe(10);
  expect(w.records.has(dayRecord({ day: DAY, age: 7 }))).toBe(true);
});

test('events are named by their ids, and nothing of them is shown', async () => {
  const w = await halfLogged();
  await until(w, SECOND_DAY);
  await w.drain();
  const named = w.logger.lines.filter(({ level }) => level === 'error').map(({ fields }) => fields?.event_id);
  expect(named.toSorted()).toEqual(idsOf(ODD));
  expect(JSON.stringify(w.logger.given)).not.toContain('test/1.0');
});

test('a run that is short of time goes on where it was, after at least one page', async () => {
  const w = await halfLogged();
  await until(w, SECOND_DAY);
  await w.drain([], { deadline: 0 });
  await w.log.publish();
  expect(w.logged()).toEqual(idsOf(ALL));
  expect(w.metrics.of('day_reconciled')).toBe(29);
  expect(w.records.get(dayRecord({ day: DAY, age: 2 }))?.toString()).toBe('{"found":10}\n');
});

describe('whatever call is cut off, before it or before its answer, or made twice', () => {
  const HOWS = ['before', 'after', 'twice'] as const;

  test('each event is in the log once', async () => {
    // In the last two hours of the day, a page each, the first and the last of them in the log.
    const minutes = ['22:01', '22:02', '23:01', '23:02', '23:59'];
    const events = minutes.map((minute, at) => eventOf(at, { timestamp: `${DAY}T${minute}:00.000Z` }));
    const make = async () => {
      const w = reconciliationWorld();
      for (const event of events) w.store(event);
      w.archive([events[0]!, events[4]!]);
      await until(w, SECOND_DAY);
      w.messages.push({ kind: 'day', day: DAY, age: 2, owed: false, found: 0, place: { hour: 22 } });
      return w;
    };
    const short = { deadline: 0, begin: false };
    const { count } = await (await make()).drain([], short);
    expect(count).toBeGreaterThan(20);
    for (let at = 0; at < count; at += 1) {
      for (const how of HOWS) {
        const w = await make();
        await w.drain([{ at, how }], short);
        await w.log.publish();
        expect({ at, how, logged: w.logged() }).toEqual({ at, how, logged: events.map(({ id }) => id).toSorted() });
        expect(w.metrics.of('event_unlogged')).toBeGreaterThanOrEqual(3);
        expect(w.records.has(dayRecord({ day: DAY, age: 2 }))).toBe(true);
      }
    }
  });

  test('every day that is due is read', async () => {
    const make = async () => {
      const w = reconciliationWorld();
      await w.log.publish();
      return w;
    };
    const { count } = await (await make()).drain([], { retentionDays: 4 });
    for (let at = 0; at < count; at += 1) {
      for (const how of HOWS) {
        const w = await make();
        await w.drain([{ at, how }], { retentionDays: 4 });
        expect([...w.records.keys()].toSorted()).toEqual(
          ['2026-11-23', '2026-11-24', '2026-11-25'].map((day) => dayRecord({ day, age: 2 })),
        );
      }
    }
  });
});

test('two runs at once, each message delivered twice: each event is in the log once', async () => {
  const w = await halfLogged();
  await until(w, SECOND_DAY);
  const [one, two] = [w.start(), w.start()];
  const message = { kind: 'day', day: DAY, age: 2, owed: false, found: 0 } as const;
  await Promise.all([one(message, 0), two(message, 0), one(message), two(message)]);
  await Promise.all([w.drain([], { begin: false }), w.drain([], { begin: false })]);
  await w.log.publish();
  expect(w.logged()).toEqual(idsOf(ALL));
});

describe('an event', () => {
  test('of another region is not this log’s', async () => {
    const w = await halfLogged();
    w.store(eventOf(70, { region: 'eu-west-1', timestamp: `${DAY}T12:00:00.000Z` }));
    // A row whose region was changed after the read was filtered.
    const moved = eventOf(71, { timestamp: `${DAY}T12:00:00.000Z` });
    w.store(moved, { event: { ...moved, region: 'eu-west-1' }, nonce: undefined, expiresAt: undefined });
    await until(w, SECOND_DAY);
    await w.drain();
    expect(w.archivedIds()).not.toEqual(expect.arrayContaining([eventOf(70).id]));
    expect(w.metrics.of('event_unlogged')).toBe(10);
  });

  test('of an earlier release gets its nonce', async () => {
    const w = reconciliationWorld();
    const event = eventOf(1);
    w.store(event, { event, nonce: undefined, expiresAt: undefined });
    await w.log.publish();
    await until(w, SECOND_DAY);
    await w.drain();
    const [line] = [...w.log.archive.values()].flatMap((objects) => [...objects.values()]);
    expect(readArchivedLine(Buffer.from(line!.toString().trimEnd()))?.nonce).toHaveLength(32);
  });

  test('that cannot be read is reported, and does not stop the others', async () => {
    const w = await halfLogged();
    w.store(eventOf(72, { timestamp: `${DAY}T12:00:00.000Z` }), 'unreadable');
    await until(w, SECOND_DAY);
    await w.drain();
    expect(w.metrics.of('event_malformed')).toBe(1);
    expect(w.metrics.of('event_unlogged')).toBe(10);
  });
});

describe('events from before the log', () => {
  const older = [1, 2, 3].map((number) => eventOf(number, { timestamp: `2026-11-1${number}T08:00:00.000Z` }));

  test('are taken over at first, and are no alarm', async () => {
    const w = await halfLogged();
    for (const event of older) w.store(event);
    w.log.now = START + HOUR_MS;
    await w.drain();
    await w.log.publish();
    expect(w.metrics.of('event_unlogged')).toBe(0);
    expect(w.logged()).toEqual(expect.arrayContaining(older.map(({ id }) => id)));
    expect(w.logger.lines.filter(({ message }) => message.includes('from before'))).toHaveLength(3);
    // The same days are not read again the next day, but for those whose age it is.
    await until(w, START + DAY_MS + HOUR_MS);
    w.metrics.counts.clear();
    await w.drain();
    expect(w.metrics.of('day_reconciled')).toBe(3);
  });

  test('that turn up weeks later are: nobody can put one there unseen', async () => {
    const w = await halfLogged();
    await until(w, START + 15 * DAY_MS);
    for (const event of older) w.store(event);
    await w.drain([], { retentionDays: 60 });
    expect(w.metrics.of('event_unlogged')).toBe(13);
  });

  test('are all that an archive without an object may get', async () => {
    const w = reconciliationWorld();
    for (const event of older) w.store(event);
    await w.log.publish();
    w.log.now = START + HOUR_MS;
    await w.drain();
    expect(w.metrics.of('event_unlogged')).toBe(0);
    expect(w.archivedIds().toSorted()).toEqual(older.map(({ id }) => id).toSorted());
  });
});

test('a day that is owed and was read meanwhile is not read again', async () => {
  const w = await halfLogged();
  await until(w, SECOND_DAY);
  w.records.set(dayRecord({ day: DAY, age: 7 }), Buffer.from('{}'));
  const calls = await w.drain([], { begin: false });
  const message = { kind: 'day', day: DAY, age: 2, owed: true, found: 0 } as const;
  await w.start(calls)(message);
  expect(w.metrics.of('day_reconciled')).toBe(0);
  await w.start(calls)({ ...message, age: 12 });
  await w.start(calls)({ ...message, place: { hour: 23 } });
  expect(w.metrics.of('day_reconciled')).toBe(2);
});

test('many events become more than one object', async () => {
  const w = reconciliationWorld();
  await w.log.publish();
  const big = 'x'.repeat(1_500_000);
  for (let number = 0; number < 4; number += 1) w.store(eventOf(number, { user_agent: big }));
  await until(w, SECOND_DAY);
  await w.drain();
  const sizes = [...w.log.archive.values()].flatMap((objects) => [...objects.values()].map((bytes) => bytes.length));
  expect(sizes).toHaveLength(2);
  expect(w.archivedIds()).toHaveLength(4);
});

describe('a damaged index', () => {
  test('is an error, and nothing is archived', async () => {
    const w = await halfLogged();
    await until(w, SECOND_DAY);
    const [path] = [...w.log.store.keys()].filter((each) => each.startsWith('index/'));
    w.log.store.set(path!, Buffer.from('no record'));
    const before = w.archivedIds().length;
    const message = { kind: 'day', day: DAY, age: 2, owed: false, found: 0 } as const;
    await expect(w.start()(message)).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(w.archivedIds()).toHaveLength(before);
    expect(w.logger.lines.at(-1)?.fields?.reason).toBe('index_form');
    expect(w.records.size).toBe(0);
  });

  test('and one that is gone between its listing and its reading', async () => {
    const w = await halfLogged();
    await until(w, SECOND_DAY);
    const [path] = [...w.log.store.keys()].filter((each) => each.startsWith('index/'));
    const list = w.log.store.get(path!);
    w.log.store.get = (key: string) => (key === path ? undefined : list);
    await expect(w.start()({ kind: 'day', day: DAY, age: 2, owed: false, found: 0 })).rejects.toMatchObject({
      code: 'store_unavailable',
    });
  });
});

test('the nonce of a stored event is that of its line', async () => {
  const w = await halfLogged();
  await until(w, SECOND_DAY);
  await w.drain();
  const lines = [...w.log.archive.values()].flatMap((objects) => [...objects.values()]).join('');
  expect(lines).toContain(recordOf(eventOf(1)).nonce);
});
