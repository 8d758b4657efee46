import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { openLogDisk } from '../../../../lambdas/adapters/local/log/open-log-disk';
import { readArchivedLine } from '../../../../lambdas/core/transparency/archived-line';
import { auditEvent, recordOf } from '../../../contract/audit-events';
import { formatEventLine } from '../../../../lambdas/core/audit/event-line';
import { temporaryDirectory } from '../temporary-directory';
import { eventsOf, HOUR, idsOf, localLogWorld, withNonces } from './local-log-world';

const HOUR_MS = 3_600_000;
const sorted = (ids: readonly string[]): readonly string[] => ids.toSorted();
type World = ReturnType<typeof localLogWorld>;
const parent = temporaryDirectory();
let world: World;

beforeEach(() => {
  world = localLogWorld(parent);
});
afterEach(() => {
  world.journal.remove();
});

test('a journal that grows is published group by group, each event once', async () => {
  const events = eventsOf(0, 40);
  const work = world.open();
  expect((await world.publish(work)).size).toBe(0);
  world.journal.addLines(withNonces(events.slice(0, 10)));
  expect(await world.publish(work)).toMatchObject({ size: 10, counts: { added: 10, malformed: 0 } });
  world.journal.addLines(withNonces(events.slice(10, 15)));
  world.journal.addLines(withNonces(events.slice(15, 20)));
  expect(await world.publish(work)).toMatchObject({ size: 20, counts: { added: 10, repeated: 10 } });
  world.journal.next('2026-11-21T10');
  world.clock.time += HOUR_MS;
  world.journal.addLines(withNonces(events.slice(20)));
  // Another process, which knows nothing.
  expect(await world.publish()).toMatchObject({ size: 40, counts: { added: 20, repeated: 0 } });
  world.clock.time += 5 * HOUR_MS;
  expect(await world.publish()).toMatchObject({ size: 40, counts: { added: 0, repeated: 0 } });
  expect(sorted(await world.audit())).toEqual(sorted(idsOf(events)));
  for (const name of ['checkpoint', 'state', 'keys', 'log.key', 'cosigner.key']) {
    expect(statSync(join(world.log, name)).mode & 0o777).toBe(0o600);
  }
});

test('a hand-over makes new keys once, and the log goes on under them', async () => {
  const events = eventsOf(0, 6);
  const handOver = () => world.open().publish(world.view(), '', true);
  world.journal.addLines(withNonces(events.slice(0, 4)));
  await world.publish();
  const before = world.file('keys');
  world.clock.time += HOUR_MS;
  world.journal.addLines(withNonces(events.slice(4)));
  expect((await handOver()).value).toMatchObject({ size: 8, counts: { added: 2 } });
  expect(world.file('keys').equals(before)).toBe(false);
  expect(existsSync(join(world.log, 'log.2.key'))).toBe(true);
  expect(readdirSync(join(world.log, 'hand-over'))).toEqual(['000000000004', '000000000005']);
  world.clock.time += HOUR_MS;
  expect((await world.publish()).size).toBe(8);
  // One that was interrupted before the old keys said anything is finished, and makes no other keys.
  const cut = world.open((directory) => {
    const disk = openLogDisk(directory);
    return {
      ...disk,
      rename: (from, to) => {
        if (to === 'state') throw Object.assign(new Error('cut'), { code: 'EIO' });
        disk.rename(from, to);
      },
    };
  });
  await expect(cut.publish(world.view(), '', true)).rejects.toThrow('cut');
  expect((await handOver()).value?.size).toBe(10);
  expect([3, 4].map((number) => existsSync(join(world.log, `log.${number}.key`)))).toEqual([true, false]);
});

test('what was not acknowledged is not published', async () => {
  const events = eventsOf(0, 2);
  world.journal.addLines(withNonces(events.slice(0, 1)));
  const { end } = world.journal;
  world.journal.addLines(withNonces(events.slice(1)));
  await world.open().publish({ end, hasTakenOver: true }, '');
  expect((await world.publish()).counts).toMatchObject({ added: 1, repeated: 1 });
});

test('a decision is finished, though the segment has grown and its hour is over', async () => {
  const events = eventsOf(0, 20);
  world.journal.addLines(withNonces(events.slice(0, 5)));
  world.journal.addLines(withNonces(events.slice(5, 10)));
  const real = openLogDisk;
  const cut = world.open((directory) => {
    const disk = real(directory);
    return {
      ...disk,
      rename: (from, to) => {
        if (to === 'checkpoint') throw Object.assign(new Error('cut'), { code: 'EIO' });
        disk.rename(from, to);
      },
    };
  });
  await expect(cut.publish(world.view(), '')).rejects.toThrow('cut');
  expect(existsSync(join(world.log, 'state'))).toBe(true);
  world.journal.addLines(withNonces(events.slice(10, 15)));
  world.journal.next('2026-11-21T10');
  world.journal.addLines(withNonces(events.slice(15)));
  world.clock.time += 6 * HOUR_MS;
  expect((await world.publish()).size).toBe(20);
  expect(sorted(await world.audit())).toEqual(sorted(idsOf(events)));
});

test('an object ends with the group with which it has a mebibyte, in a segment of any length', async () => {
  const large = (from: number, to: number) =>
    withNonces(eventsOf(from, to).map((event) => ({ ...event, user_agent: 'x'.repeat(20_000) })));
  for (let from = 0; from < 150; from += 10) world.journal.addLines(large(from, from + 10));
  const work = world.open();
  await world.publish(work);
  const paths = await work.list(world.view(), `archive/${HOUR}/`);
  expect(paths).toHaveLength(3);
  world.journal.addLines(large(150, 152));
  expect((await world.publish(work)).size).toBe(152);
  // The last one has grown, and can be read as it was.
  const now = await work.list(world.view(), `archive/${HOUR}/`);
  expect(now).toHaveLength(3);
  const gone = paths.filter((path) => !now.includes(path));
  expect(gone).toHaveLength(1);
  for (const path of [...gone, ...now]) {
    expect((await world.open().read(world.view(), path))!.length).toBeGreaterThan(0);
  }
  expect(await world.audit()).toHaveLength(152);
});

test('a clock that was ahead closes no hour in which events are still to come', async () => {
  const events = eventsOf(0, 3);
  world.journal.addLines(withNonces(events.slice(0, 1)));
  world.clock.time += 365 * 24 * HOUR_MS;
  await world.publish();
  world.clock.time -= 365 * 24 * HOUR_MS;
  world.journal.addLines(withNonces(events.slice(1, 2)));
  await world.publish();
  world.journal.next('2026-11-21T10');
  world.journal.addLines(withNonces(events.slice(2)));
  expect((await world.publish()).size).toBe(3);
});

describe('events from before the nonce', () => {
  const before = eventsOf(0, 6, '2026-11-20T09');
  const taken = eventsOf(0, 4, '2026-10-01T00');
  const after = eventsOf(0, 5);

  function olderJournal(): void {
    world.journal.addTakenOver('2026-10-01T00', taken);
    world.journal.next('2026-11-20T09');
    world.journal.add(before);
    world.journal.next();
    world.journal.addLines(withNonces(after));
  }

  test('get a line with a nonce once, in the hour of the newest segment', async () => {
    olderJournal();
    expect((await world.publish()).size).toBe(15);
    expect(sorted(await world.audit())).toEqual(sorted(idsOf([...taken, ...before, ...after])));
    const lines = await world.lines();
    world.clock.time += 10 * HOUR_MS;
    world.journal.next('2026-11-21T19');
    world.journal.addLines(withNonces(eventsOf(0, 1, '2026-11-21T19')));
    expect(await world.publish()).toMatchObject({ size: 16, counts: { added: 1, repeated: 0 } });
    expect(await world.lines()).toEqual(expect.arrayContaining(lines));
    expect(readdirSync(join(world.log, 'archive'))).toEqual([HOUR]);
    // The first hour of the archive is the one in which events with nonces begin.
    expect((await world.open().page(world.view(), 'archive/', '', 1))[0]).toMatch(`archive/${HOUR}/`);
    // Apart from the nonce each line is the journal's.
    const own = lines.map((line) => line.replace(/,"nonce":"[^"]+"\}$/, '}'));
    expect(own.toSorted()).toEqual([...taken, ...before, ...after].map(formatEventLine).toSorted());
  });

  test('of a takeover wait for its end', async () => {
    olderJournal();
    expect((await world.publish(world.open(), false)).size).toBe(11);
    expect((await world.publish()).size).toBe(15);
    expect(sorted(await world.audit())).toEqual(sorted(idsOf([...taken, ...before, ...after])));
  });

  test('wait for the first segment of this release', async () => {
    world.journal.addTakenOver('2026-10-01T00', taken);
    expect((await world.publish()).size).toBe(0);
    world.journal.next();
    world.journal.addLines(withNonces(after));
    expect((await world.publish()).size).toBe(9);
  });

  test('get no second nonce, wherever it is interrupted', async () => {
    olderJournal();
    for (let stopAt = 0; ; stopAt += 1) {
      let calls = 0;
      const cut = world.open((directory) => {
        const disk = openLogDisk(directory);
        const stop =
          <A extends readonly unknown[]>(act: (...args: A) => void) =>
          (...args: A): void => {
            if ((calls += 1) > stopAt) throw Object.assign(new Error('cut'), { code: 'EIO' });
            act(...args);
          };
        return {
          ...disk,
          rename: stop((from: string, to: string) => {
            disk.rename(from, to);
          }),
          sync: stop((path: string) => {
            disk.sync(path);
          }),
          write: stop((path: string, bytes: Buffer) => {
            disk.write(path, bytes);
          }),
        };
      });
      const isCut = await cut.publish(world.view(), '').then(
        () => false,
        () => true,
      );
      const ids = (await world.lines()).map((line) => readArchivedLine(Buffer.from(line))!.id);
      expect(new Set(ids).size).toBe(ids.length);
      if (!isCut) break;
    }
    expect((await world.publish()).size).toBe(15);
    await world.audit();
  });

  test('keep their nonces where the manifest is lost', async () => {
    olderJournal();
    await world.publish();
    const [lines, files] = [await world.lines(), readdirSync(join(world.log, 'archive', HOUR))];
    rmSync(join(world.log, 'older.json'));
    await world.publish();
    expect(readdirSync(join(world.log, 'archive', HOUR))).toEqual(expect.arrayContaining(files));
    expect(await world.lines()).toEqual(expect.arrayContaining(lines));
  });

  test('are removed with the retention, once they are published', async () => {
    olderJournal();
    const work = world.open();
    const expired = '2026-11-01T00:00:00.000Z';
    const files = () => readdirSync(join(world.log, 'archive', HOUR));
    await work.publish(world.view(), expired);
    expect(files()).toHaveLength(1);
    expect(gunzipSync(world.file(`archive/${HOUR}/${files()[0]!}`)).toString('utf8')).not.toContain('2026-10-01');
    expect((await world.publish()).size).toBe(15);
  });
});

test('the line of an event is found, with its nonce, in the journal and among older ones', async () => {
  const [own, older, other] = [eventsOf(0, 3), eventsOf(0, 2, '2026-11-20T09'), auditEvent()];
  world.journal.next('2026-11-20T09');
  world.journal.add(older);
  world.journal.next();
  world.journal.addLines(withNonces(own));
  await world.publish();
  const find = async (place: { id: string; timestamp: string }) =>
    (await world.open().lineOf(world.view(), place))?.toString('utf8');
  expect(await find(own[1]!)).toBe(formatEventLine(recordOf(own[1]!)));
  const line = await find(older[1]!);
  expect(line?.replace(/,"nonce":"[^"]{44}"\}$/, '}')).toBe(formatEventLine(older[1]!));
  expect(await find(other)).toBeUndefined();
});

test('a lost log is no new log', async () => {
  world.journal.addLines(withNonces(eventsOf(0, 1)));
  await world.publish();
  rmSync(world.log, { recursive: true });
  await expect(world.publish()).rejects.toThrow(/has lost the transparency log.*remove log-begun from/);
  expect(readdirSync(world.log)).toEqual([]);
  rmSync(join(world.journal.directory, 'log-begun'));
  expect((await world.publish()).size).toBe(1);
});

test('an edited state gets a fault, and no checkpoint', async () => {
  world.journal.addLines(withNonces(eventsOf(0, 1)));
  await world.publish();
  const checkpoint = world.file('checkpoint');
  writeFileSync(join(world.log, 'state'), world.file('state').toString('utf8').replace('"range":1', '"range":2'));
  world.clock.time += HOUR_MS;
  expect((await world.open().publish(world.view(), '')).fault).toBe('state_form');
  expect(world.file('checkpoint')).toEqual(checkpoint);
});

test('paths come page by page in the order of their bytes', async () => {
  world.journal.addLines(withNonces(eventsOf(0, 200)));
  world.journal.next('2026-11-21T10');
  world.journal.addLines(withNonces(eventsOf(0, 70, '2026-11-21T10')));
  await world.publish();
  const work = world.open();
  for (const prefix of ['archive/', `archive/${HOUR}/`, 'index/', 'index/2026/11/21/09/', 'tile/', 'nothing/']) {
    const all = await work.list(world.view(), prefix);
    expect(all).toEqual(all.toSorted());
    const paged: string[] = [];
    for (let page = await work.page(world.view(), prefix, '', 2); page.length > 0;) {
      paged.push(...page);
      page = await work.page(world.view(), prefix, page.at(-1)!, 2);
    }
    expect(paged).toEqual(all);
  }
  expect(await work.list(world.view(), 'archive/')).toHaveLength(2);
});
