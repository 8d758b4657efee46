import { createSqsRotationQueue } from '../../lambdas/adapters/aws/sqs-rotation-queue';
import type { RotationMessage, RotationQueue } from '../../lambdas/core/ports/rotation-queue';
import { MemoryQueue } from '../doubles/memory-rotation-ports';
import { RecordingFailures } from '../doubles/recording-failures';
import { startSqs, type RunningSqs } from '../doubles/start-sqs';

const LIMITS = {
  region: 'us-east-1',
  requestTimeoutMs: 20_000,
  connectionTimeoutMs: 20_000,
  maxAttempts: 1,
  failures: new RecordingFailures(),
};

const rekeys = (count: number): RotationMessage[] =>
  Array.from({ length: count }, (_, shard) => ({ kind: 'rekey', provider: 'openai', rotation_id: 'a', shard }));
const ADVANCE: RotationMessage = { kind: 'advance', provider: 'openai' };
const STRAGGLERS: RotationMessage = { kind: 'rekey', provider: 'openai', rotation_id: null, shard: 3 };

interface QueueUnderTest {
  readonly queue: RotationQueue;
  readonly received: () => { message: RotationMessage; delaySeconds: number }[];
  readonly takeDown: () => void;
}

/** What every RotationQueue keeps. */
function rotationQueueContract(open: () => QueueUnderTest): void {
  it('brings every message whole, with its delay', async () => {
    const { queue, received } = open();
    await queue.send([ADVANCE], 62);
    await queue.send([STRAGGLERS], 0);
    expect(received()).toStrictEqual([
      { message: ADVANCE, delaySeconds: 62 },
      { message: STRAGGLERS, delaySeconds: 0 },
    ]);
  });

  it.each([0, 1, 9, 10, 11, 16, 20, 21])('brings all of %d messages', async (count) => {
    const { queue, received } = open();
    await queue.send(rekeys(count), 900);
    expect(received()).toStrictEqual(rekeys(count).map((message) => ({ message, delaySeconds: 900 })));
  });

  it('is unavailable where the queue does not answer', async () => {
    const { queue, received, takeDown } = open();
    takeDown();
    await expect(queue.send([ADVANCE], 0)).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(received()).toStrictEqual([]);
  });
}

describe('the rotation queue in memory', () => {
  rotationQueueContract(() => {
    const queue = new MemoryQueue();
    return { queue, received: () => queue.take(), takeDown: () => (queue.down = true) };
  });
});

describe('the rotation queue in SQS', () => {
  const inherited = { ...process.env };
  let sqs: RunningSqs;
  beforeEach(async () => {
    sqs = await startSqs();
    process.env['AWS_ACCESS_KEY_ID'] = 'AKIDEXAMPLE';
    process.env['AWS_SECRET_ACCESS_KEY'] = 'example-not-a-secret';
    process.env['AWS_ENDPOINT_URL_SQS'] = sqs.endpoint;
  });
  afterEach(async () => {
    process.env = { ...inherited };
    await sqs.close();
  });

  const newQueue = (): RotationQueue => createSqsRotationQueue({ ...LIMITS, queueUrl: sqs.queueUrl });
  const messages = (): RotationMessage[] => sqs.bodies.map((body) => JSON.parse(body) as RotationMessage);

  rotationQueueContract(() => ({
    queue: newQueue(),
    received: () => messages().map((message, index) => ({ message, delaySeconds: sqs.delays[index] ?? NaN })),
    takeDown: () => (sqs.down = true),
  }));

  it('sends ten at a time, and makes no call for none', async () => {
    await newQueue().send([], 0);
    await newQueue().send(rekeys(16), 0);
    expect(sqs.batches).toStrictEqual([10, 6]);
  });

  it('sends again, once, what the queue did not take, and that alone', async () => {
    const refused = new Set(['2', '7', '12'].map((shard) => JSON.stringify(rekeys(16)[Number(shard)])));
    sqs.takes = (body) => !refused.delete(body);
    await newQueue().send(rekeys(16), 5);
    expect(sqs.batches).toStrictEqual([10, 2, 6, 1]);
    const shards = messages().map((message) => (message.kind === 'rekey' ? message.shard : -1));
    expect(shards.sort((a, b) => a - b)).toStrictEqual(Array.from({ length: 16 }, (_, shard) => shard));
    expect(new Set(sqs.delays)).toStrictEqual(new Set([5]));
  });

  it('is unavailable where the queue does not take a message twice', async () => {
    const stubborn = JSON.stringify(ADVANCE);
    sqs.takes = (body) => body !== stubborn;
    await expect(newQueue().send([STRAGGLERS, ADVANCE], 0)).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(sqs.batches).toStrictEqual([2, 1]);
    expect(messages()).toStrictEqual([STRAGGLERS]);
  });
});
