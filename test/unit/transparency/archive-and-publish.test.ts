import { createArchiveChanges } from '../../../lambdas/core/transparency/archive-changes';
import { createPublishLog } from '../../../lambdas/core/transparency/publish-log';
import { readArchivedLine } from '../../../lambdas/core/transparency/archived-line';
import type { EventChange } from '../../../lambdas/core/transparency/ports/event-change';
import { auditEvent, recordOf } from '../../contract/audit-events';
import { CountingMetrics, testRandomness } from '../../doubles/memory-ports';
import { RecordingLogger } from '../../doubles/recording-logger';
import { memoryEventArchive } from '../../doubles/transparency/memory-log';
import { HOUR_MS, publisherWorld, type Gate } from './publisher-world';

/** From a stream to a log: whatever stops, is cut otherwise or is repeated, each event is in the log once. */

class Stopped extends Error {}

const COUNT = 8;
/** Those of even numbers are of an earlier release, and have no nonce. */
const changes: readonly EventChange[] = Array.from({ length: COUNT }, (_, at) => {
  const id = at.toString(16).padStart(32, '0');
  const { nonce, ...event } = recordOf(auditEvent({ id, timestamp: `2026-11-27T09:00:${10 + at}.000Z` }));
  const after = { event, nonce: at % 2 === 0 ? undefined : nonce, expiresAt: undefined };
  return { before: undefined, after, isEdited: true, at: 0 };
});

/** A stream whose batches go to the archiver, and a publisher; each call of either passes the gate. */
function deployment(gate: Gate) {
  const world = publisherWorld();
  const [metrics, logger] = [new CountingMetrics(), new RecordingLogger()];
  const archive = createArchiveChanges({
    archive: memoryEventArchive(world.archive, async (call, act) => {
      await gate(call, 'before');
      const result = act();
      await gate(call, 'after');
      return result;
    }),
    region: 'us-east-1',
    clock: { now: () => world.now },
    randomness: testRandomness,
    metrics,
    logger,
  });
  const { signers, ...ports } = world.publisher(gate);
  const publish = createPublishLog({ ...ports, openSigners: () => Promise.resolve(signers), metrics, logger });
  return { world, archive, publish };
}

type Deployment = ReturnType<typeof deployment>;

async function publishAll({ world, archive, publish }: Deployment, sizes: readonly number[]): Promise<void> {
  /** A function that stops is called again, an hour later, with a batch that is cut otherwise. */
  const untilDone = async <T>(act: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await act();
    } catch (thrown) {
      if (!(thrown instanceof Stopped)) throw thrown;
      world.now += HOUR_MS;
      return undefined;
    }
  };
  let [next, size] = [0, 0];
  while (next < COUNT) {
    const batch = changes.slice(next, next + (sizes[size % sizes.length] as number));
    size += 1;
    if ((await untilDone(() => archive(batch))) !== undefined) next += batch.length;
    await untilDone(publish);
  }
  // Twice: what was stopped is finished first.
  for (let run = 0; run < 2; run += 1) await untilDone(publish);
}

/** The ids of the log's entries, in order. */
function idsInLog({ world }: Deployment): readonly string[] {
  const index = [...world.store.entries()].filter(([path]) => path.startsWith('index/'));
  const places = index.flatMap(([, bytes]) =>
    Array.from({ length: bytes.length / 22 }, (_, at) => ({
      id: bytes.subarray(at * 22, at * 22 + 16).toString('hex'),
      place: bytes.readUIntBE(at * 22 + 16, 6),
    })),
  );
  return places.toSorted((a, b) => a.place - b.place).map(({ id }) => id);
}

const expected = changes.map(({ after }) => (after as { event: { id: string } }).event.id);
const sizeOf = ({ world }: Deployment): number =>
  Number(world.values.checkpoint?.bytes.toString('utf8').split('\n')[1]);

test('each event is in the log once, wherever a function stops once, and is given its batch cut otherwise', async () => {
  let calls = 0;
  const counting = deployment(() => void (calls += 1));
  await publishAll(counting, [3, 5]);
  expect(idsInLog(counting)).toEqual(expected);
  expect(calls).toBeGreaterThan(40);
  for (let stopAt = 1; stopAt <= calls; stopAt += 1) {
    let call = 0;
    const stopped = deployment(() => {
      call += 1;
      if (call === stopAt) throw new Stopped();
    });
    await publishAll(stopped, [3, 5]);
    expect({ stopAt, size: sizeOf(stopped), ids: idsInLog(stopped).toSorted() }).toEqual({
      stopAt,
      size: COUNT,
      ids: expected,
    });
  }
});

test('a stream that is replayed, a restored table and an edited event add nothing', async () => {
  const whole = deployment(() => undefined);
  await publishAll(whole, [5]);
  whole.world.now += 26 * HOUR_MS;
  await publishAll(whole, [4, 1]);
  await whole.archive(changes.map(({ after }) => ({ before: after, after, isEdited: true, at: 0 })));
  await whole.publish();
  expect([sizeOf(whole), idsInLog(whole)]).toEqual([COUNT, expected]);
});

test('the nonce that counts is the one in the object of the decision', async () => {
  const whole = deployment(() => undefined);
  const batch = changes.slice(0, 1);
  await whole.archive(batch);
  await whole.archive(batch);
  await whole.publish();
  const objects = [...whole.world.archive.values()].flatMap((hour) => [...hour.values()]);
  const nonces = objects.map((bytes) => readArchivedLine(bytes.subarray(0, -1))?.nonce.toString('hex'));
  expect(new Set(nonces).size).toBe(2);
  expect(sizeOf(whole)).toBe(1);
});
