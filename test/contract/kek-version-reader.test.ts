import { createLambdaKekVersionReader } from '../../lambdas/adapters/aws/lambda/lambda-kek-version-reader';
import { AMPLE } from '../ample-limits';
import { RecordingFailures } from '../doubles/recording-failures';
import { startLambda, type LambdaAnswer } from '../doubles/start-lambda';
import { keeps } from './contract';
import { kekVersionReaderContract } from './kek-version-reader.contract';
import { UNAVAILABLE } from './store-under-test';
import { useAwsDouble } from './use-aws-double';

describe("a region's function", () => {
  let answer: LambdaAnswer;
  const lambda = useAwsDouble('LAMBDA', () => startLambda(() => answer));

  const newReader = () =>
    createLambdaKekVersionReader({
      ...AMPLE,
      maxAttempts: 1,
      failures: new RecordingFailures(),
      region: 'ap-south-1',
      functionName: 'keyward-prove-keyset',
    });

  keeps('createLambdaKekVersionReader', kekVersionReaderContract, () => ({
    port: newReader(),
    become: (versionId) => {
      answer = {
        payload: JSON.stringify(versionId === undefined ? { code: 'store_unavailable' } : { version_id: versionId }),
      };
    },
  }));

  it('is asked for nothing else', async () => {
    answer = { payload: `{"version_id":"${'a'.repeat(32)}"}` };
    await newReader().current();
    expect(lambda().invocations).toStrictEqual([
      { functionName: 'keyward-prove-keyset', payload: { keyward: 'kek-version' } },
    ]);
  });

  it.each([
    ['no id of a version', { payload: '{"version_id":"x"}' }],
    ['a code that may pass', { payload: '{"code":"keys_unavailable"}' }],
    ['a proof', { payload: '{"proof":"x"}' }],
    ['a function that threw', { payload: `{"version_id":"${'a'.repeat(32)}"}`, functionError: 'Unhandled' }],
    ['a refusal of the service', { payload: '{"Message":"denied"}', status: 403 }],
  ] satisfies [string, LambdaAnswer][])('tells nothing by %s', async (_, given) => {
    answer = given;
    await expect(newReader().current()).rejects.toMatchObject({
      ...UNAVAILABLE,
      message: 'the region does not tell which KEK it reads; try again',
    });
  });
});
