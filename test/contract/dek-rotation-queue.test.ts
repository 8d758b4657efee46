import { createSqsDekRotationQueue } from '../../lambdas/adapters/aws/sqs/sqs-dek-rotation-queue';
import { createSqsRewrapQueue } from '../../lambdas/adapters/aws/sqs/sqs-rewrap-queue';
import { createSqsReconciliationQueue } from '../../lambdas/adapters/aws/sqs/sqs-reconciliation-queue';
import type { DekRotationMessage, DekRotationQueue } from '../../lambdas/core/dek-rotation/ports/dek-rotation-queue';
import type { ReconciliationMessage } from '../../lambdas/core/transparency/ports/reconciliation-queue';
import { AMPLE } from '../ample-limits';
import { RecordingFailures } from '../doubles/recording-failures';
import { startSqs } from '../doubles/start-sqs';
import { keeps } from './contract';
import { rewrapQueueContract } from './rewrap-queue.contract';
import { ADVANCE, rekeys, dekRotationQueueContract, STRAGGLERS } from './dek-rotation-queue.contract';
import { reconciliationQueueContract } from './reconciliation.contract';
import { useAwsDouble } from './use-aws-double';

const LIMITS = {
  region: 'us-east-1',
  ...AMPLE,
  maxAttempts: 1,
  failures: new RecordingFailures(),
};

describe('the queues in SQS', () => {
  const sqs = useAwsDouble('SQS', startSqs);

  const newQueue = (): DekRotationQueue => createSqsDekRotationQueue({ ...LIMITS, queueUrl: sqs().queueUrl });
  const messages = (): DekRotationMessage[] => sqs().bodies.map((body) => JSON.parse(body) as DekRotationMessage);

  const takeDown = () => (sqs().down = true);

  keeps('createSqsDekRotationQueue', dekRotationQueueContract, () => ({
    port: newQueue(),
    received: async (afterSeconds) => messages().filter((_, index) => (sqs().delays[index] ?? 0) <= afterSeconds),
    takeDown,
  }));

  keeps('createSqsRewrapQueue', rewrapQueueContract, () => ({
    port: createSqsRewrapQueue({ ...LIMITS, queueUrl: sqs().queueUrl }),
    received: async () => sqs().bodies.map((body) => JSON.parse(body) as unknown),
    takeDown,
  }));

  keeps('createSqsReconciliationQueue', reconciliationQueueContract, () => ({
    port: createSqsReconciliationQueue({ ...LIMITS, queueUrl: sqs().queueUrl }),
    received: () => sqs().bodies.map((body) => JSON.parse(body) as ReconciliationMessage),
  }));

  it('sends ten at a time, and makes no call for none', async () => {
    await newQueue().send([], 0);
    await newQueue().send(rekeys(16), 0);
    expect(sqs().batches).toStrictEqual([10, 6]);
  });

  it('sends again, once, what the queue did not take, and that alone', async () => {
    const refused = new Set(['2', '7', '12'].map((shard) => JSON.stringify(rekeys(16)[Number(shard)])));
    sqs().takes = (body) => !refused.delete(body);
    await newQueue().send(rekeys(16), 5);
    expect(sqs().batches).toStrictEqual([10, 2, 6, 1]);
    const shards = messages().map((message) => (message.kind === 'rekey' ? message.shard : -1));
    expect(shards.sort((a, b) => a - b)).toStrictEqual(Array.from({ length: 16 }, (_, shard) => shard));
    expect(new Set(sqs().delays)).toStrictEqual(new Set([5]));
  });

  it('is unavailable where the queue does not take a message twice', async () => {
    const stubborn = JSON.stringify(ADVANCE);
    sqs().takes = (body) => body !== stubborn;
    await expect(newQueue().send([STRAGGLERS, ADVANCE], 0)).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(sqs().batches).toStrictEqual([2, 1]);
    expect(messages()).toStrictEqual([STRAGGLERS]);
  });
});
