import { hash } from 'node:crypto';
import { readArchivedLine } from '../../../lambdas/core/transparency/archived-line';
import { readIndexedMinute } from '../../../lambdas/core/transparency/event-index';
import { publish } from '../../../lambdas/core/transparency/publish';
import { EFFORT } from '../../effort';
import { auditLog } from './published-log';
import {
  HOUR_MS,
  lineOf,
  linesOf,
  ORIGIN,
  publisherWorld,
  REGION,
  START,
  type PublisherWorld,
} from './publisher-world';

const idOf = (line: string): string => readArchivedLine(Buffer.from(line))!.id;
const ids = (lines: readonly string[]): string[] => lines.map(idOf).toSorted();
const audited = async (world: PublisherWorld, lines: readonly string[]) => (await auditLog(world, lines)).toSorted();

test('an empty log has a checkpoint, which is cosigned again later and never earlier', async () => {
  const world = publisherWorld();
  const counts = { added: 0, repeated: 0, foreign: 0, malformed: 0 };
  expect(await world.publish()).toEqual({ value: { size: 0, counts } });
  expect(world.checkpoints).toHaveLength(1);
  expect(await world.publish()).toEqual({ value: { size: 0, counts } });
  world.now -= 5000;
  await world.publish();
  expect(world.checkpoints).toHaveLength(1);
  world.now += HOUR_MS;
  await world.publish();
  expect(world.checkpoints).toHaveLength(2);
  expect(await audited(world, [])).toEqual([]);
});

test('each event once, whatever the batches were cut like and however often they come', async () => {
  const world = publisherWorld();
  world.archiveLines(linesOf(0, 300));
  world.archiveLines(linesOf(200, 420));
  expect((await world.publish()).value?.counts).toEqual({ added: 420, repeated: 100, foreign: 0, malformed: 0 });
  world.archiveLines([...linesOf(100, 450), lineOf(449)]);
  world.now += HOUR_MS;
  world.archiveLines(linesOf(440, 500));
  expect((await world.publish()).value).toEqual({
    size: 500,
    counts: { added: 80, repeated: 331, foreign: 0, malformed: 0 },
  });
  world.now += 24 * HOUR_MS;
  world.archiveLines(linesOf(0, 500));
  expect((await world.publish()).value?.counts).toEqual({ added: 0, repeated: 500, foreign: 0, malformed: 0 });
  expect(await audited(world, linesOf(0, 500))).toEqual(ids(linesOf(0, 500)));
  expect((await world.publish()).value?.counts.repeated).toBe(0);
});

test('events of another region and lines that are no event do not get in, and are counted', async () => {
  const world = publisherWorld();
  const nothing = [
    '',
    'x',
    '[]',
    '"a"',
    lineOf(1, { id: 'short' }),
    lineOf(1, { id: 7 }),
    lineOf(1, { timestamp: 'yesterday' }),
    lineOf(1, { timestamp: 7 }),
    lineOf(1, { timestamp: '2026-02-30T10:00:00.000Z' }),
    lineOf(1, { timestamp: '2026-02-27T10:00:60.000Z' }),
    lineOf(1, { region: undefined }),
    lineOf(1, { nonce: undefined }),
    lineOf(1, { nonce: 'AAAA' }),
    lineOf(1, { nonce: '-'.repeat(44) }),
    `{"id":"a",${lineOf(1).slice(1)}`,
  ];
  world.archiveLines([lineOf(0), ...nothing, lineOf(2, { region: 'eu-west-1' }), lineOf(3)]);
  expect((await world.publish()).value).toEqual({
    size: 2,
    counts: { added: 2, repeated: 0, foreign: 1, malformed: nothing.length },
  });
  const bytes = Buffer.concat([Buffer.of(0xff, 0x0a), Buffer.from(lineOf(4))]);
  const hour = new Date(world.now).toISOString().slice(0, 13);
  world.archive.get(hour)!.set(hash('sha256', bytes, 'hex'), bytes);
  expect((await world.publish()).value?.counts).toEqual({ added: 1, repeated: 0, foreign: 0, malformed: 1 });
});

test('many objects make several ranges, and hours close only when all of theirs are used', async () => {
  const world = publisherWorld();
  for (let batch = 0; batch < 11; batch += 1) {
    world.archiveLines(linesOf(batch * 30, batch * 30 + 30));
    if (batch % 4 === 3) world.now += HOUR_MS;
  }
  world.now += 9 * HOUR_MS;
  const { value } = await world.publish(undefined, 2);
  expect(value?.counts.added).toBe(330);
  expect(await audited(world, linesOf(0, 330))).toEqual(ids(linesOf(0, 330)));
  expect(world.checkpoints.length).toBe(6);
});

test('the cost of an hour does not depend on how long the log is', async () => {
  const world = publisherWorld();
  const costs: number[] = [];
  let state = 0;
  for (let hour = 0; hour < 30; hour += 1) {
    world.archiveLines(linesOf(hour * 500, hour * 500 + 500));
    world.counts.reads = 0;
    await world.publish();
    costs.push(world.counts.reads);
    state = world.values.state!.bytes.length;
    world.now += HOUR_MS;
  }
  expect(await audited(world, linesOf(0, 15_000))).toEqual(ids(linesOf(0, 15_000)));
  // Right edge, read to decide and to finish, and the minutes at the border of the hour before.
  expect(Math.max(...costs)).toBeLessThanOrEqual(12);
  expect(state).toBeLessThan(2000);
});

test('an entry is found by its event’s id and minute', async () => {
  const world = publisherWorld();
  world.archiveLines(linesOf(0, 50));
  await world.publish();
  world.archiveLines(linesOf(50, 60));
  await world.publish();
  const entries = await auditLog(world, linesOf(0, 60));
  const { store } = world.publisher();
  for (const line of linesOf(0, 60)) {
    const { id, minute } = readArchivedLine(Buffer.from(line))!;
    expect((await readIndexedMinute(store, minute, Infinity)).value?.valueOf(Buffer.from(id, 'hex'))).toBe(
      entries.indexOf(id),
    );
    expect(
      (await readIndexedMinute(store, minute + 1, Infinity)).value?.valueOf(Buffer.from(id, 'hex')),
    ).toBeUndefined();
  }
});

describe('gets no signature', () => {
  /** A log of two ranges, and a third batch in the archive. */
  async function prepared() {
    const world = publisherWorld();
    const shots: ReturnType<typeof world.snapshot>[] = [];
    for (const from of [0, 300]) {
      world.archiveLines(linesOf(from, from + 300));
      await world.publish();
      shots.push(world.snapshot());
    }
    const last = world.archiveLines(linesOf(600, 700));
    return { world, shots, last };
  }
  const tagged = (bytes: Buffer) => ({ bytes, tag: 'edited' });
  const edit = (bytes: Buffer, at: number): Buffer => {
    const copy = Buffer.from(bytes);
    copy[at]! ^= 1;
    return copy;
  };
  /** Whether a run ends with that fault, and neither signs nor writes a checkpoint. */
  async function refused(world: PublisherWorld, fault: RegExp | string) {
    const before = [world.signed.length, world.checkpoints.length];
    expect((await world.publish()).fault).toMatch(fault);
    expect([world.signed.length, world.checkpoints.length]).toEqual(before);
  }

  test('a state in which any byte was changed', async () => {
    const { world } = await prepared();
    const { bytes } = world.values.state!;
    for (let at = 0; at < bytes.length; at += 7) {
      world.values.state = tagged(edit(bytes, at));
      expect((await world.publish()).fault).toBeDefined();
    }
    for (const text of ['', '{}', '{}\n', 'x\n\n— a AAAAAAA=\n']) {
      world.values.state = tagged(Buffer.from(text));
      await refused(world, /./);
    }
    expect(world.checkpoints).toHaveLength(2);
  });

  test('an earlier state, though the publisher signed it', async () => {
    const { world, shots } = await prepared();
    world.values.state = shots[0]!.values.state;
    await refused(world, 'state_mismatch');
  });

  test('a log whose state is gone', async () => {
    const { world } = await prepared();
    world.values.state = undefined;
    await refused(world, 'state_mismatch');
  });

  test('a log whose checkpoint is gone', async () => {
    const { world } = await prepared();
    world.values.checkpoint = undefined;
    await refused(world, 'state_mismatch');
  });

  test('an earlier checkpoint that was put back', async () => {
    const { world, shots } = await prepared();
    const { state } = world.values;
    world.values.checkpoint = shots[0]!.values.checkpoint;
    // Its state leads to the same tree again, so nothing is forked.
    expect((await world.publish()).value?.size).toBe(700);
    expect(await audited(world, linesOf(0, 700))).toHaveLength(700);
    expect(state).not.toBe(world.values.state);
    world.values.checkpoint = shots[0]!.values.checkpoint;
    await refused(world, 'state_mismatch');
  });

  test('a checkpoint in which any byte was changed, and one of somebody else', async () => {
    const { world } = await prepared();
    const { bytes } = world.values.checkpoint!;
    // The line of the cosigner comes after it: without it the checkpoint is one of the log still.
    const end = bytes.indexOf(`${ORIGIN}/cosigner`) - 5;
    for (let at = 0; at < end; at += 5) {
      world.values.checkpoint = tagged(edit(bytes, at));
      expect((await world.publish()).fault).toBeDefined();
    }
    const cosigner = bytes.toString('utf8').split('\n');
    world.values.checkpoint = tagged(Buffer.from([...cosigner.slice(0, 4), ...cosigner.slice(5)].join('\n')));
    await refused(world, 'log_signature_missing');
    world.values.checkpoint = tagged(Buffer.from(bytes.toString('utf8').replace('prod', 'dev')));
    await refused(world, 'checkpoint_origin');
    world.values.checkpoint = tagged(Buffer.from(bytes.toString('utf8').replace('\n600\n', '\nmany\n')));
    await refused(world, 'checkpoint_size');
  });

  test.each([
    [
      'an edited right edge',
      (world: PublisherWorld) => world.store.set('tile/0/002.p/88', Buffer.alloc(88 * 32)),
      'root_mismatch',
    ],
    ['a right edge that is gone', (world: PublisherWorld) => world.store.delete('tile/0/002.p/88'), 'tile_missing'],
    ['an edited last bundle', (world: PublisherWorld) => world.store.delete('tile/entries/002.p/88'), 'tile_missing'],
  ])('%s', async (_, damage, fault) => {
    const { world } = await prepared();
    damage(world);
    await refused(world, fault);
  });

  test('an archive object that was edited', async () => {
    const { world, last } = await prepared();
    world.archive.get('2026-11-27T10')!.set(last, Buffer.from(`${lineOf(9999)}\n`));
    await refused(world, 'archive_mismatch');
  });

  test('a range whose archive object is gone after the decision', async () => {
    const { world, last } = await prepared();
    const stop = (call: string, side: string) => {
      if (call === 'write state' && side === 'after') throw new Error('stopped');
    };
    await expect(world.publish(stop)).rejects.toThrow('stopped');
    world.archive.get('2026-11-27T10')!.delete(last);
    await refused(world, 'archive_missing');
  });

  test.each([
    ['edited', (bytes: Buffer) => edit(bytes, 3)],
    ['cut', (bytes: Buffer) => bytes.subarray(1)],
    ['doubled', (bytes: Buffer) => Buffer.concat([bytes, bytes])],
    ['gone', () => undefined],
  ])('a range that differs from the decision, for an index object that was %s since', async (kind, change) => {
    const { world } = await prepared();
    world.archiveLines(linesOf(530, 620));
    const stop = (call: string, side: string) => {
      if (call === 'write state' && side === 'after') throw new Error('stopped');
    };
    await expect(world.publish(stop)).rejects.toThrow('stopped');
    const [path] = [...world.store.keys()]
      .filter((each) => each.startsWith('index/'))
      .toSorted()
      .slice(-1);
    const changed = change(world.store.get(path!)!);
    world.store.delete(path!);
    if (changed) world.store.set(path!, changed);
    await refused(world, kind === 'cut' || kind === 'doubled' ? 'index_form' : 'state_mismatch');
  });

  test('an index object that somebody else wrote before', async () => {
    const { world } = await prepared();
    const minute = readArchivedLine(Buffer.from(lineOf(650)))!.minute;
    const path = `index/${new Date(minute * 60_000).toISOString().slice(0, 16).replaceAll(/[-T:]/g, '/')}/000000000003`;
    world.store.set(path, Buffer.alloc(22, 1));
    expect(await publish(world.publisher())).toEqual({ fault: 'index_mismatch' });
    expect(world.checkpoints).toHaveLength(2);
  });

  test('an index object that goes while it is read', async () => {
    const { world } = await prepared();
    const { store, ...rest } = world.publisher();
    world.archiveLines(linesOf(590, 605));
    const gone = { ...store, list: async () => ['index/0'] };
    expect(await publish({ ...rest, store: gone })).toEqual({ fault: 'index_missing' });
  });
});

test('a run that others always overtake leaves the work to them', async () => {
  const world = publisherWorld();
  world.archiveLines(linesOf(0, 3));
  const dependencies = world.publisher();
  const state = { ...dependencies.state, write: async () => false };
  expect(await publish({ ...dependencies, state })).toEqual({ fault: 'publisher_contended' });
  const checkpoints = { ...dependencies.checkpoints, write: async () => false };
  expect(await publish({ ...publisherWorld().publisher(), checkpoints })).toEqual({ fault: 'publisher_contended' });
});

describe('crashes and races', () => {
  /** At full effort every call, else every eleventh. */
  const STEP = EFFORT < 1 ? 11 : 1;
  const LINES = linesOf(0, 560);
  /** Three hours of overlapping batches. */
  function fed(): PublisherWorld {
    const world = publisherWorld();
    world.archiveLines(linesOf(0, 270));
    world.archiveLines(linesOf(260, 300));
    return world;
  }
  const feedMore = (world: PublisherWorld): void => {
    world.now += HOUR_MS;
    world.archiveLines(linesOf(290, 560));
  };
  const countCalls = async (): Promise<number> => {
    let calls = 0;
    const world = fed();
    await world.publish(() => void (calls += 1));
    feedMore(world);
    await world.publish(() => void (calls += 1));
    return calls;
  };
  class Crash extends Error {}
  const crashingAt = (wanted: number) => {
    let calls = 0;
    return () => {
      if (calls++ === wanted) throw new Crash();
    };
  };
  const attempt = async (run: Promise<unknown>): Promise<void> => {
    await run.catch((thrown: unknown) => {
      if (!(thrown instanceof Crash)) throw thrown;
    });
  };

  test('after a crash before or after any call, the next runs publish each event once', async () => {
    const calls = await countCalls();
    expect(calls).toBeGreaterThan(80);
    for (let at = 0; at < calls; at += STEP) {
      const world = fed();
      const gate = crashingAt(at);
      await attempt(world.publish(gate));
      feedMore(world);
      await attempt(world.publish(gate));
      expect((await world.publish()).fault).toBeUndefined();
      expect(await audited(world, LINES)).toEqual(ids(LINES));
    }
  });

  test('nor do two crashes, one run after the other', async () => {
    const calls = await countCalls();
    for (let at = 1; at < calls; at += 3 * STEP) {
      const world = fed();
      await attempt(world.publish(crashingAt(at)));
      feedMore(world);
      await attempt(world.publish(crashingAt((at * 7) % calls)));
      expect((await world.publish()).fault).toBeUndefined();
      expect(await audited(world, LINES)).toEqual(ids(LINES));
    }
  });

  test('two runs at once, the second whole at any moment of the first, leave one log', async () => {
    const calls = await countCalls();
    for (let at = 2 % STEP; at < calls; at += STEP) {
      const world = fed();
      let passed = 0;
      const overtaken = async (): Promise<void> => {
        if (passed++ !== at) return;
        feedMore(world);
        expect((await world.publish()).fault).toBeUndefined();
      };
      expect((await world.publish(overtaken)).fault).toBeUndefined();
      if (passed <= at) break;
      expect((await world.publish()).fault).toBeUndefined();
      expect(await audited(world, LINES)).toEqual(ids(LINES));
    }
  });

  test('a run that read a checkpoint before another run made several reads it again', async () => {
    const world = fed();
    feedMore(world);
    let isOvertaken = false;
    const overtaken = async (call: string, side: string): Promise<void> => {
      if (isOvertaken || call !== 'read checkpoint' || side !== 'after') return;
      isOvertaken = true;
      expect((await world.publish(undefined, 1)).value?.size).toBe(560);
    };
    expect((await world.publish(overtaken)).value?.size).toBe(560);
    expect(world.checkpoints.length).toBeGreaterThan(2);
    expect(await audited(world, LINES)).toEqual(ids(LINES));
  });

  test('two runs that take turns at every call', async () => {
    const world = fed();
    feedMore(world);
    const turn = () => new Promise<void>((resolve) => void setImmediate(resolve));
    const results = await Promise.all([world.publish(turn), world.publish(turn), world.publish(turn)]);
    expect(results.map(({ fault }) => fault)).toEqual([undefined, undefined, undefined]);
    expect(await audited(world, LINES)).toEqual(ids(LINES));
  });

  test('an answer that was lost is no second decision', async () => {
    const world = fed();
    let lost = 0;
    const losing = (call: string, side: string): void => {
      if (side === 'after' && call.startsWith('write') && lost++ < 3) throw new Crash();
    };
    for (let run = 0; run < 5; run += 1) await attempt(world.publish(losing));
    expect(await audited(world, linesOf(0, 300))).toEqual(ids(linesOf(0, 300)));
    expect(world.checkpoints).toHaveLength(1);
  });
});

test('the region of a log is that of its events', () => {
  expect(readArchivedLine(Buffer.from(lineOf(1)))).toMatchObject({
    region: REGION,
    minute: Math.floor(START / 60_000),
  });
});
