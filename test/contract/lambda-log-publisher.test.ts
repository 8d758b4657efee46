import { createLambdaLogPublisher } from '../../lambdas/adapters/aws/lambda/lambda-log-publisher';
import { AMPLE } from '../ample-limits';
import { memoryLogs } from '../doubles/transparency/memory-logs';
import { RecordingFailures } from '../doubles/recording-failures';
import { startLambda, type LambdaAnswer } from '../doubles/start-lambda';
import { linesOf, publisherWorld } from '../unit/transparency/publisher-world';
import { keeps } from './contract';
import { logPublisherContract } from './published-log.contract';
import { UNAVAILABLE } from './store-under-test';
import { useAwsDouble } from './use-aws-double';

const REGION = 'us-east-1';
/** A sleep that does not end: nobody loses patience. */
const patient = { sleep: () => new Promise<void>(() => undefined) };

function worldUnderTest() {
  const world = publisherWorld();
  return {
    publish: () => world.publish(),
    publisher: world.publisher(),
    waiting: async (count: number) => void world.archiveLines(linesOf(0, count)),
    edit: async () => void (world.values.checkpoint = { bytes: Buffer.from('edited'), tag: 'edited' }),
  };
}

keeps('memoryLogs', logPublisherContract, () => {
  const { publisher, ...under } = worldUnderTest();
  return { ...under, port: memoryLogs({ [REGION]: { publisher, read: () => undefined } }) };
});

describe('the function of a region', () => {
  let answer: () => LambdaAnswer | Promise<LambdaAnswer>;
  const lambda = useAwsDouble('LAMBDA', () => startLambda(() => answer()));

  const newPublisher = (clock: { sleep: () => Promise<void> } = patient) =>
    createLambdaLogPublisher({
      functionIn: (region) => ({
        ...AMPLE,
        maxAttempts: 1,
        failures: new RecordingFailures(),
        region,
        functionName: 'keyward-publish-checkpoint',
      }),
      clock,
      patienceMs: 15_000,
    });

  keeps('createLambdaLogPublisher', logPublisherContract, () => {
    const { publish, ...under } = worldUnderTest();
    answer = async () => {
      const { value, fault } = await publish();
      return { payload: JSON.stringify(fault === undefined ? { size: value.size, ...value.counts } : { fault }) };
    };
    return { ...under, port: newPublisher() };
  });

  const good = { payload: '{"size":1,"added":1,"repeated":0,"foreign":0,"malformed":0}' };

  it('makes no keys: a deployment does', async () => {
    const asked = newPublisher().publish(REGION, { handOver: true });
    await expect(asked).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining('cdk.json'),
    });
  });

  it('is invoked and waited for', async () => {
    answer = () => good;
    await newPublisher().publish(REGION);
    expect(lambda().invocations).toStrictEqual([
      { functionName: 'keyward-publish-checkpoint', payload: { keyward: 'publish-checkpoint' } },
    ]);
  });

  it('is not waited for longer than patience lasts, and goes on', async () => {
    let end = (_: LambdaAnswer): void => undefined;
    answer = () => new Promise((resolve) => void (end = resolve));
    await expect(newPublisher({ sleep: () => Promise.resolve() }).publish(REGION)).resolves.toBeUndefined();
    end({ payload: '', status: 500 });
  });

  it.each([
    ['threw', { ...good, functionError: 'Unhandled' }, 'FunctionError'],
    ['answered nothing', { payload: 'null' }, 'UnusableAnswer'],
    ['answered no JSON', { payload: '{' }, 'UnusableAnswer'],
    ['answered less', { payload: '{"size":1,"added":1,"repeated":0,"foreign":0}' }, 'UnusableAnswer'],
    ['answered no numbers', { payload: good.payload.replace('"size":1', '"size":"1"') }, 'UnusableAnswer'],
    ['gave no word for a fault', { payload: '{"fault":"Two words"}' }, 'UnusableAnswer'],
    ['was not there', { payload: '{}', status: 404 }, 'other'],
  ] satisfies [string, LambdaAnswer, string][])('that %s did not publish', async (_, given, name) => {
    answer = () => given;
    await expect(newPublisher().publish(REGION)).rejects.toMatchObject({
      ...UNAVAILABLE,
      message: 'Lambda did not answer; try again',
      outside: { operation: 'Invoke', name },
    });
  });
});
