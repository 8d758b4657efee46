import { KeywardError } from '../../../lambdas/core/errors/errors';
import { parseLogKeys } from '../../../lambdas/core/transparency/log-keys';
import { publishCheckpointEvent } from '../../../lambdas/core/transparency/publish-checkpoint-event';
import { createPublishLog, type PublishLogDependencies } from '../../../lambdas/core/transparency/publish-log';
import { CountingMetrics } from '../../doubles/memory-ports';
import { RecordingLogger } from '../../doubles/recording-logger';
import { HOUR_MS, lineOf, linesOf, publisherWorld, START, type Gate } from './publisher-world';

const down = new KeywardError('store_unavailable', 'the bucket did not answer; try again');

function publishing(given: Partial<PublishLogDependencies> = {}, gate?: Gate) {
  const world = publisherWorld();
  const [metrics, logger] = [new CountingMetrics(), new RecordingLogger()];
  const { signers, ...ports } = world.publisher(gate);
  const deps = { ...ports, openSigners: () => Promise.resolve(signers), metrics, logger, ...given };
  const gauges = () => Object.fromEntries(metrics.gauges);
  return { world, signers, metrics, logger, gauges, run: createPublishLog(deps) };
}

test('a run publishes, with the keys beside it, and says how much', async () => {
  const { world, signers, run, gauges, metrics, logger } = publishing();
  world.archiveLines([...linesOf(0, 3), lineOf(1), lineOf(4, { region: 'eu-west-1' }), 'no event']);
  await expect(run()).resolves.toEqual({
    value: { size: 3, counts: { added: 3, repeated: 1, foreign: 1, malformed: 1 } },
  });
  const keys = parseLogKeys(world.store.get('keys')!).value;
  expect([keys?.log.id, keys?.cosigner.id]).toEqual([signers.log.key.id, signers.cosigner.key.id]);
  expect(gauges()).toEqual({
    log_size: 3,
    log_added: 3,
    log_repeated: 1,
    log_foreign: 1,
    log_malformed: 1,
    unpublished_age_hours: 0,
  });
  expect([metrics.of('publish_failed'), logger.lines]).toEqual([0, []]);
});

test('the keys are written once, and again where somebody has edited them', async () => {
  let puts = 0;
  const { world, run } = publishing({}, (call, side) => void (puts += call === 'put' && side === 'before' ? 1 : 0));
  await run();
  await run();
  expect(puts).toBe(1);
  const keys = world.store.get('keys')!;
  world.store.set('keys', Buffer.from('other keys'));
  await run();
  expect(world.store.get('keys')?.equals(keys)).toBe(true);
});

test('a fault is returned, counted and named, and how long events have waited is known', async () => {
  const { world, run, gauges, metrics, logger } = publishing();
  world.archiveLines(linesOf(0, 3));
  await run();
  metrics.gauges.clear();
  world.archiveLines(linesOf(3, 5));
  world.values.state = { bytes: Buffer.from('edited'), tag: 'edited' };
  world.now += 2.5 * HOUR_MS;
  await expect(run()).resolves.toEqual({ fault: 'state_form' });
  expect(metrics.of('publish_failed')).toBe(1);
  expect(gauges()).toEqual({ unpublished_age_hours: 2.5 });
  expect(logger.lines).toMatchObject([{ level: 'error', fields: { reason: 'state_form' } }]);
});

describe('a run that fails', () => {
  test('before anything was published has waited since the first hour of the archive', async () => {
    let isDown = true;
    const { world, run, gauges, metrics } = publishing({}, (call) => {
      if (isDown && call === 'put') throw down;
    });
    await expect(run()).rejects.toBe(down);
    expect(gauges()).toEqual({});
    world.archiveLines(linesOf(0, 1));
    world.now += HOUR_MS;
    await expect(run()).rejects.toBe(down);
    expect(gauges()).toEqual({ unpublished_age_hours: 1 });
    expect(metrics.of('publish_failed')).toBe(2);
    isDown = false;
    await run();
    expect(gauges()).toMatchObject({ unpublished_age_hours: 0, log_size: 1 });
  });

  test('because its keys do not open is counted, and says no age', async () => {
    const { run, gauges, metrics } = publishing({ openSigners: () => Promise.reject(down) });
    await expect(run()).rejects.toBe(down);
    expect([metrics.of('publish_failed'), gauges()]).toEqual([1, {}]);
  });

  test('over a checkpoint that somebody edited says no age', async () => {
    const { world, run, gauges } = publishing();
    world.values.checkpoint = { bytes: Buffer.from('edited'), tag: 'edited' };
    await expect(run()).resolves.toEqual({ fault: 'note_form' });
    expect(gauges()).toEqual({});
  });
});

describe('a witness', () => {
  const keeping = () => {
    const kept: { text: string; size: number }[] = [];
    return {
      kept,
      witness: { keep: async (note: Buffer, size: number) => void kept.push({ text: note.toString(), size }) },
    };
  };

  test('gets each checkpoint as it is published, cosignatures included', async () => {
    const { kept, witness } = keeping();
    const { world, run } = publishing({ witness });
    for (const hour of [0, 1]) {
      world.now = START + hour * HOUR_MS;
      world.archiveLines(linesOf(hour, hour + 1));
      await run();
      expect(kept.at(-1)).toEqual({ text: world.values.checkpoint?.bytes.toString(), size: hour + 1 });
    }
    world.now += HOUR_MS;
    await run();
    expect(kept).toHaveLength(3);
  });

  test('that fails undoes nothing; the next run hands over what is newest then', async () => {
    let isDown = true;
    const { kept, witness } = keeping();
    const failing = {
      keep: (note: Buffer, size: number) => (isDown ? Promise.reject(down) : witness.keep(note, size)),
    };
    const { world, run, metrics, logger } = publishing({ witness: failing });
    world.archiveLines(linesOf(0, 1));
    await expect(run()).resolves.toMatchObject({ value: { size: 1 } });
    expect([metrics.of('witness_failed'), metrics.of('publish_failed')]).toEqual([1, 0]);
    expect(logger.lines).toMatchObject([{ level: 'error', fields: { code: 'store_unavailable' } }]);
    isDown = false;
    await run();
    expect(kept).toEqual([{ text: world.values.checkpoint?.bytes.toString(), size: 1 }]);
  });

  test('gets nothing where the checkpoint is gone meanwhile', async () => {
    const { kept, witness } = keeping();
    const { world, run } = publishing({
      witness,
      metrics: Object.assign(new CountingMetrics(), { gauge: () => void (world.values.checkpoint = undefined) }),
    });
    await run();
    expect(kept).toEqual([]);
  });
});

describe('the function', () => {
  const logger = new RecordingLogger();
  const serve = (publishLog: () => ReturnType<ReturnType<typeof createPublishLog>>) =>
    publishCheckpointEvent.serve({}, { publishLog, logger });

  test('tells who asks what was published, or the fault', async () => {
    const counts = { added: 2, repeated: 0, foreign: 0, malformed: 0 };
    await expect(serve(() => Promise.resolve({ value: { size: 5, counts } }))).resolves.toEqual({ size: 5, ...counts });
    expect(logger.lines).toMatchObject([{ message: 'published', fields: { count: 2 } }]);
    await expect(serve(() => Promise.resolve({ fault: 'state_form' }))).resolves.toEqual({ fault: 'state_form' });
  });

  test('has one event', () => {
    expect(publishCheckpointEvent.parse({ keyward: 'publish-checkpoint' })).toBeDefined();
    for (const other of [{ keyward: 'sweep' }, { keyward: 'publish-checkpoint', more: 1 }, {}, undefined]) {
      expect(publishCheckpointEvent.parse(other)).toBeUndefined();
    }
  });
});
