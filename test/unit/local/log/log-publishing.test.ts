import { LOCAL_REGION } from '../../../../lambdas/core/contract/local-mode';
import type { Checked } from '../../../../lambdas/core/transparency/log-fault';
import type { Published } from '../../../../lambdas/core/transparency/publish';
import type { JournalView } from '../../../../local/journal/journal-view';
import { LogPublishing } from '../../../../local/log/log-publishing';
import { ThreadFailure } from '../../../../local/threads/asked-thread';
import { RecordingLogger } from '../../../doubles/recording-logger';

const HOUR_MS = 3_600_000;
const NOTHING: Checked<Published> = {
  value: { size: 0, counts: { added: 0, repeated: 0, foreign: 0, malformed: 0 } },
};
const FIRST = '2026-11-27T09.00001';
const SECOND = '2026-11-27T10.00001';
const TAKEN = '2026-10-01T00.00000';

interface Run {
  readonly view: JournalView;
  readonly expireBefore: string;
  readonly handOver: boolean | undefined;
  readonly end: (result: Checked<Published> | Error) => void;
}

function aPublishing() {
  const clock = { time: Date.parse('2026-11-27T10:00:00.000Z'), now: () => clock.time, sleep: () => Promise.resolve() };
  const runs: Run[] = [];
  const counted: string[] = [];
  const logger = new RecordingLogger();
  const at = { view: { end: { segment: SECOND, bytes: 10 }, hasTakenOver: true } as JournalView, isStored: true };
  const publishing = new LogPublishing({
    calls: {
      publish: (view, expireBefore, handOver) =>
        new Promise((resolve, reject) => {
          runs.push({
            view,
            expireBefore,
            handOver,
            end: (result) => {
              if (result instanceof Error) reject(result);
              else resolve(result);
            },
          });
        }),
    },
    view: () => at.view,
    assertStored: () => {
      if (!at.isStored) throw new Error('moved');
    },
    clock,
    logger,
    metrics: { count: (name) => void counted.push(name) },
  });
  return { publishing, clock, runs, counted, logger, at };
}

/** Lets the clock's timers run that are due within this time. */
async function pass(ms: number): Promise<void> {
  await jest.advanceTimersByTimeAsync(ms);
}

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

test('publishes soon after the start, then every hour, and not after the end', async () => {
  const { publishing, clock, runs } = aPublishing();
  publishing.start();
  await pass(5_000);
  expect(runs).toHaveLength(0);
  clock.time += 10_000;
  await pass(1_000);
  expect(runs).toHaveLength(1);
  // No second one beside it, however long it takes.
  clock.time += 2 * HOUR_MS;
  await pass(5_000);
  expect(runs).toHaveLength(1);
  runs[0]!.end(NOTHING);
  await pass(2_000);
  expect(runs).toHaveLength(2);
  runs[1]!.end(NOTHING);
  clock.time += HOUR_MS - 10_000;
  await pass(5_000);
  expect(runs).toHaveLength(2);
  clock.time += 10_000;
  await pass(2_000);
  expect(runs).toHaveLength(3);
  runs[2]!.end(NOTHING);
  publishing.close();
  clock.time += 2 * HOUR_MS;
  await pass(5_000);
  expect(runs).toHaveLength(3);
});

test('publishes at once when the events of an older data directory are taken over, and when the clock was set back', async () => {
  const { publishing, clock, runs, at } = aPublishing();
  at.view = { ...at.view, hasTakenOver: false };
  publishing.start();
  clock.time += 10_000;
  await pass(1_000);
  runs[0]!.end(NOTHING);
  await pass(2_000);
  at.view = { ...at.view, hasTakenOver: true };
  await pass(2_000);
  expect(runs).toHaveLength(2);
  expect(runs[1]!.view.hasTakenOver).toBe(true);
  runs[1]!.end(NOTHING);
  clock.time -= 24 * HOUR_MS;
  await pass(2_000);
  expect(runs).toHaveLength(3);
});

test('who asks while one runs gets the next, which covers what was written since; all of them share it', async () => {
  const { publishing, runs, at } = aPublishing();
  const first = publishing.publish(LOCAL_REGION);
  at.view = { ...at.view, end: { segment: SECOND, bytes: 20 } };
  const others = [publishing.publish(LOCAL_REGION), publishing.publish(LOCAL_REGION)];
  await pass(0);
  expect(runs).toHaveLength(1);
  runs[0]!.end(new ThreadFailure('EIO'));
  await expect(first).rejects.toMatchObject({ code: 'store_unavailable' });
  await pass(0);
  expect(runs).toHaveLength(2);
  expect(runs[1]!.view.end?.bytes).toBe(20);
  runs[1]!.end(NOTHING);
  expect(await Promise.all(others)).toEqual([NOTHING, NOTHING]);
});

test('a hand-over is for the run that begins after it was asked for, and for no other', async () => {
  const { publishing, runs } = aPublishing();
  const first = publishing.publish(LOCAL_REGION);
  const asked = publishing.publish(LOCAL_REGION, { handOver: true });
  runs[0]!.end(NOTHING);
  await first;
  await pass(0);
  runs[1]!.end(NOTHING);
  await asked;
  const last = publishing.publish(LOCAL_REGION);
  runs[2]!.end(NOTHING);
  await last;
  expect(runs.map(({ handOver }) => handOver)).toEqual([false, true, false]);
});

test('who asks waits 15 seconds, and the run goes on', async () => {
  const { publishing, runs } = aPublishing();
  const asked = publishing.publish(LOCAL_REGION);
  await pass(15_000);
  expect(await asked).toBeUndefined();
  runs[0]!.end(NOTHING);
  await pass(0);
  expect(publishing.isPublished(FIRST)).toBe(true);
  await expect(publishing.publish('eu-west-1')).rejects.toMatchObject({ code: 'store_unavailable' });
});

test('tells which segments are published: by the last run that succeeded, none before it', async () => {
  const { publishing, runs, at } = aPublishing();
  const one = async (result: Checked<Published> | Error) => {
    const asked = publishing.publish(LOCAL_REGION).catch(() => undefined);
    await pass(0);
    runs.at(-1)!.end(result);
    await asked;
  };
  const told = () => [TAKEN, FIRST, SECOND].map((segment) => publishing.isPublished(segment));
  at.view = { end: undefined, hasTakenOver: true };
  await one(NOTHING);
  expect(told()).toEqual([false, false, false]);
  at.view = { end: { segment: SECOND, bytes: 10 }, hasTakenOver: false };
  for (const result of [{ fault: 'state_mismatch' } as const, new Error('EIO')]) await one(result);
  expect(told()).toEqual([false, false, false]);
  await one(NOTHING);
  expect(told()).toEqual([false, true, false]);
  at.view = { ...at.view, hasTakenOver: true };
  await one(NOTHING);
  expect(told()).toEqual([true, true, false]);
});

test('a fault is logged by its word, a failure by its name, and each is counted; a failure is tried again in minutes', async () => {
  const { publishing, runs, counted, logger, clock } = aPublishing();
  publishing.start();
  clock.time += 10_000;
  await pass(1_000);
  runs[0]!.end(new ThreadFailure('ENOSPC'));
  await pass(2_000);
  clock.time += 5 * 60_000;
  await pass(1_000);
  expect(runs).toHaveLength(2);
  runs[1]!.end(new ThreadFailure('configuration_invalid', 'a path is missing'));
  await pass(0);
  clock.time += 5 * 60_000;
  await pass(2_000);
  runs[2]!.end({ fault: 'state_mismatch' });
  await pass(0);
  expect(counted).toEqual(['publish_failed', 'publish_failed', 'publish_failed']);
  expect(logger.lines.map(({ level }) => level)).toEqual(['error', 'error', 'error']);
  expect(logger.lines[0]).toMatchObject({ fields: { error_name: 'ENOSPC' } });
  expect(logger.lines[1]?.message).toContain('put log/ back as it was');
  expect(logger.lines[2]).toMatchObject({ fields: { reason: 'state_mismatch' } });
});

test('nothing is written where the data directory is another one', async () => {
  const { publishing, runs, at, counted } = aPublishing();
  at.isStored = false;
  await expect(publishing.publish(LOCAL_REGION)).rejects.toMatchObject({ code: 'store_unavailable' });
  expect(runs).toHaveLength(0);
  expect(counted).toEqual(['publish_failed']);
});

test('hands on what has expired', async () => {
  const { publishing, runs } = aPublishing();
  publishing.expireBefore('2026-11-01T00:00:00.000Z');
  void publishing.publish(LOCAL_REGION);
  await pass(0);
  expect(runs[0]?.expireBefore).toBe('2026-11-01T00:00:00.000Z');
  runs[0]!.end(NOTHING);
});
