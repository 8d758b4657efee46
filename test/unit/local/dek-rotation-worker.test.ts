import { setTimeout as delay } from 'node:timers/promises';
import { newKeyset } from '../../../lambdas/core/keysets/dek-keyset';
import { newDekRotationId, promoteVersion, publishVersion } from '../../../lambdas/core/dek-rotation/dek-rotation';
import { KeywardError } from '../../../lambdas/core/errors/errors';
import type { DekRotationMessage } from '../../../lambdas/core/dek-rotation/ports/dek-rotation-queue';
import type { DekRotationWork } from '../../../lambdas/core/dek-rotation/create-dek-rotations';
import { createServeDekRotationMessage } from '../../../lambdas/core/dek-rotation/dek-rotation-messages';
import { resumeDekRotations } from '../../../local/resume-dek-rotations';
import { DekRotationWorker } from '../../../local/dek-rotation-worker';
import { MemoryKeysets, newKeks, TestClock, testRandomness } from '../../doubles/memory-ports';
import { MemoryQueue } from '../../doubles/memory-dek-rotation-ports';
import { RecordingLogger } from '../../doubles/recording-logger';

const ID = '0'.repeat(32);
const ADVANCE: DekRotationMessage = { kind: 'advance', provider: 'openai' };
const shard = (number: number): DekRotationMessage => ({
  kind: 'rekey',
  provider: 'openai',
  rotation_id: ID,
  shard: number,
});

/** A worker whose work records its beginning and end. */
function setUp() {
  const clock = new TestClock();
  const logger = new RecordingLogger();
  const worker = new DekRotationWorker({ clock, logger });
  const calls: string[] = [];
  const state = {
    clock,
    logger,
    worker,
    calls,
    most: 0,
    /** The results of the next runs; undefined after the last. */
    answers: [] as (number | Error | undefined)[],
    /** Awaited in every run. */
    gate: Promise.resolve(),
  };
  let running = 0;
  const run = async (name: string): Promise<number | undefined> => {
    running += 1;
    state.most = Math.max(state.most, running);
    calls.push(name);
    await state.gate;
    await delay(1);
    running -= 1;
    const answer = state.answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const work: Pick<DekRotationWork, 'advance' | 'rekeyShard' | 'expirePrevious' | 'sweep'> = {
    advance: () => run('advance'),
    rekeyShard: (message, deadline) => run(`shard ${message.shard} until ${deadline - clock.time}`),
    expirePrevious: async (place) => {
      await run(`expire ${place.shard}`);
      return undefined;
    },
    sweep: async () => {
      await run('sweep');
      return [];
    },
  };
  /** Waits until this many runs have begun and are over. */
  const after = async (times: number): Promise<readonly string[]> => {
    while (calls.length < times || running > 0) await delay(1);
    await delay(5);
    return calls;
  };
  return Object.assign(state, {
    start: () => {
      worker.start({ ...work, serveMessage: createServeDekRotationMessage({ work, queue: worker }) });
    },
    after,
  });
}

let open: DekRotationWorker[] = [];
const world = () => {
  const made = setUp();
  open.push(made.worker);
  return made;
};
afterEach(async () => {
  await Promise.all(open.map((worker) => worker.close()));
  open = [];
});

test('serves one message at a time, each to the next page, and none twice that waits already', async () => {
  const { worker, start, after, ...state } = world();
  await worker.send([shard(0), shard(1), shard(0)], 0);
  await worker.send([ADVANCE, shard(1)], 0);
  start();
  expect(await after(3)).toStrictEqual(['shard 0 until 0', 'shard 1 until 0', 'advance']);
  expect(state.calls).toHaveLength(3);
});

test('never two at once, also while more is sent', async () => {
  const made = world();
  made.start();
  for (let number = 0; number < 16; number += 1) await made.worker.send([shard(number)], 0);
  await made.after(16);
  expect(made.most).toBe(1);
});

test('a message that is not done takes its turn behind the others', async () => {
  const { worker, start, after, answers } = world();
  answers.push(0, 0, undefined, undefined);
  await worker.send([shard(0), shard(1)], 0);
  start();
  expect(await after(4)).toStrictEqual(['shard 0 until 0', 'shard 1 until 0', 'shard 0 until 0', 'shard 1 until 0']);
});

test('waits as long as it is told to, by the clock', async () => {
  const { worker, clock, start, after, calls, answers } = world();
  start();
  answers.push(62);
  await worker.send([ADVANCE], 3);
  await delay(20);
  expect(calls).toStrictEqual([]);
  clock.time += 3_000;
  expect(await after(1)).toStrictEqual(['advance']);
  // Its answer asks for 62 seconds; the sweep of the start comes first.
  clock.time += 61_999;
  expect(await after(2)).toStrictEqual(['advance', 'sweep']);
  clock.time += 1;
  expect(await after(3)).toStrictEqual(['advance', 'sweep', 'advance']);
});

test('sweeps shortly after the start and then every hour', async () => {
  const { clock, start, after, calls } = world();
  start();
  await delay(20);
  expect(calls).toStrictEqual([]);
  clock.time += 5_000;
  await after(1);
  clock.time += 3_599_999;
  await delay(1_200);
  expect(calls).toStrictEqual(['sweep']);
  clock.time += 1;
  expect(await after(2)).toStrictEqual(['sweep', 'sweep']);
});

test('a clock that is set back by a day holds up nothing', async () => {
  const { worker, clock, start, after } = world();
  start();
  await worker.send([ADVANCE], 900);
  clock.time -= 86_400_000;
  expect(await after(2)).toStrictEqual(['sweep', 'advance']);
});

test('what fails is logged without details and comes again, ever later', async () => {
  const { worker, clock, logger, start, after, calls, answers } = world();
  answers.push(new TypeError('CANARY'), new KeywardError('store_unavailable', 'one sentence'), undefined);
  start();
  await worker.send([shard(3)], 0);
  await after(1);
  clock.time += 1_000;
  await after(2);
  clock.time += 1_999;
  await delay(1_200);
  expect(calls).toHaveLength(2);
  clock.time += 1;
  await after(3);
  const fields = { operation: 'rekey', provider: 'openai' };
  expect(logger.lines).toMatchObject([
    { level: 'error', fields: { ...fields, code: 'internal' } },
    { level: 'error', fields: { ...fields, code: 'store_unavailable' } },
  ]);
  expect(JSON.stringify(logger.lines)).not.toContain('CANARY');
});

test('a sweep that fails as a whole is logged, and comes again', async () => {
  const { clock, logger, start, after, answers } = world();
  answers.push(new TypeError('CANARY'));
  start();
  clock.time += 5_000;
  await after(1);
  clock.time += 1_000;
  await after(2);
  expect(logger.lines).toMatchObject([{ level: 'error', fields: { operation: 'sweep', code: 'internal' } }]);
});

test('closing waits for what is under way, and begins nothing more', async () => {
  const made = world();
  let release = (): void => undefined;
  made.gate = new Promise((resolve) => {
    release = resolve;
  });
  made.answers.push(0);
  made.start();
  await made.worker.send([shard(0), shard(1)], 0);
  while (made.calls.length === 0) await delay(1);
  let closed = false;
  const closing = made.worker.close().then(() => {
    closed = true;
  });
  await delay(20);
  expect(closed).toBe(false);
  release();
  await closing;
  await made.worker.send([shard(2)], 0);
  await delay(20);
  expect(made.calls).toStrictEqual(['shard 0 until 0']);
});

test('closing one that never began, or a second time, is nothing', async () => {
  const { worker } = world();
  await worker.send([ADVANCE], 0);
  await worker.close();
  await worker.close();
});

describe('resuming', () => {
  const keks = newKeks();
  const step = { kek: keks.primary, now: new TestClock().time, randomness: testRandomness };
  const idle = newKeyset('anthropic', keks.primary, step.now, testRandomness);
  const started = { id: newDekRotationId(step.now, testRandomness), emergency: false, started_by: 'a' };
  const publishing = publishVersion(newKeyset('openai', keks.primary, step.now, testRandomness), started, step);

  function resume(...records: (typeof idle)[]) {
    const keysets = new MemoryKeysets('us-east-1');
    for (const record of records) keysets.records.set(record.provider, record);
    const queue = new MemoryQueue();
    const logger = new RecordingLogger();
    const providers = ['openai', 'anthropic', 'google'];
    const run = () => resumeDekRotations({ keysets, providers, shardCount: 3, queue, logger });
    return { keysets, queue, logger, run };
  }

  test('asks for the next step of a rotation that is publishing, and for nothing where none runs', async () => {
    const { queue, logger, run } = resume(publishing, idle);
    await run();
    expect(queue.sent).toStrictEqual([{ message: ADVANCE, delaySeconds: 0 }]);
    expect(logger.lines).toStrictEqual([]);
  });

  test('asks for every shard of one that is rekeying', async () => {
    const { queue, run } = resume(promoteVersion(publishing, step));
    await run();
    const rekey = (number: number) => ({ ...shard(number), rotation_id: started.id });
    expect(queue.sent.map(({ message }) => message)).toStrictEqual([ADVANCE, rekey(0), rekey(1), rekey(2)]);
  });

  test('one provider that cannot be read stops no other', async () => {
    const { keysets, queue, logger, run } = resume(idle);
    keysets.records.set('openai', { damaged: 'CANARY' });
    keysets.records.set('google', { ...publishing, provider: 'google' });
    await run();
    expect(queue.sent).toStrictEqual([{ message: { kind: 'advance', provider: 'google' }, delaySeconds: 0 }]);
    expect(logger.lines).toMatchObject([
      { level: 'error', fields: { operation: 'resume', provider: 'openai', code: 'keys_unavailable' } },
    ]);
    expect(JSON.stringify(logger.lines)).not.toContain('CANARY');
  });
});
