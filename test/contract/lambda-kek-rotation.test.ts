import { createLambdaKekRotation } from '../../lambdas/adapters/aws/lambda/lambda-kek-rotation';
import { AMPLE } from '../ample-limits';
import { RecordingFailures } from '../doubles/recording-failures';
import { startLambda } from '../doubles/start-lambda';
import type { LostWrite } from '../doubles/stores/lost-write';
import { keeps } from './contract';
import { kekRotationContract } from './kek-rotation.contract';
import { UNAVAILABLE } from './store-under-test';
import { useAwsDouble } from './use-aws-double';

describe('requests to rotate-kek, which begins no rotation beside a pending one', () => {
  let status: number;
  let isPending: boolean;
  let begun: number;
  let lost: LostWrite[];
  beforeEach(() => {
    [status, isPending, begun, lost] = [202, false, 0, []];
  });
  const lambda = useAwsDouble('LAMBDA', () =>
    startLambda(() => {
      const loss = lost.shift();
      const { begin } = lambda().invocations.at(-1)?.payload as { begin: boolean };
      if (loss?.arrives !== false && begin && !isPending) begun += 1;
      return { payload: '', status: loss === undefined ? status : 503 };
    }),
  );

  const newRotation = () =>
    createLambdaKekRotation({
      ...AMPLE,
      maxAttempts: 1,
      failures: new RecordingFailures(),
      region: 'us-east-1',
      functionName: 'keyward-rotate-kek',
    });

  keeps('createLambdaKekRotation', kekRotationContract, () => ({
    port: newRotation(),
    begun: () => Promise.resolve(begun),
    beginAnother: () => {
      isPending = true;
      return Promise.resolve();
    },
    faults: { loseWrites: (...losses) => void (lost = [...losses]) },
  }));

  it('are events, which nobody waits for', async () => {
    await newRotation().start();
    await newRotation().resume();
    await newRotation().move();
    expect(lambda().invocations).toStrictEqual(
      [{ begin: true }, { begin: false }, { move: true }].map((more) => ({
        functionName: 'keyward-rotate-kek',
        payload: { keyward: 'rotate-kek', ...more },
      })),
    );
  });

  it.each([200, 403, 429])('are not taken with status %i', async (given) => {
    status = given;
    await expect(newRotation().start()).rejects.toMatchObject({
      ...UNAVAILABLE,
      message: 'Lambda did not answer; try again',
    });
  });
});
