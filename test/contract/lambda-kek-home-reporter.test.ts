import { createLambdaKekHomeReporter } from '../../lambdas/adapters/aws/lambda/lambda-kek-home-reporter';
import { AMPLE } from '../ample-limits';
import { RecordingFailures } from '../doubles/recording-failures';
import { startLambda, type LambdaAnswer } from '../doubles/start-lambda';
import { keeps } from './contract';
import { kekHomeReporterContract, type ReporterSituation } from './kek-home-reporter.contract';
import { UNAVAILABLE } from './store-under-test';
import { useAwsDouble } from './use-aws-double';

describe("a region's function", () => {
  let answer: LambdaAnswer;
  const lambda = useAwsDouble('LAMBDA', () => startLambda(() => answer));

  const newReporter = () =>
    createLambdaKekHomeReporter({
      ...AMPLE,
      maxAttempts: 1,
      failures: new RecordingFailures(),
      region: 'ap-south-1',
      functionName: 'keyward-prove-keyset',
    });

  const answerIn = (situation: ReporterSituation): LambdaAnswer => {
    if (situation === 'no usable KEK') return { payload: '{"code":"keys_unavailable"}' };
    if (situation === 'does not answer') return { payload: '{"Message":"x"}', status: 503 };
    return { payload: JSON.stringify({ home: situation }) };
  };

  keeps('createLambdaKekHomeReporter', kekHomeReporterContract, () => ({
    port: newReporter(),
    become: (situation) => {
      answer = answerIn(situation);
    },
  }));

  it('is asked for nothing else', async () => {
    answer = answerIn('vault');
    await newReporter().home();
    expect(lambda().invocations).toStrictEqual([
      { functionName: 'keyward-prove-keyset', payload: { keyward: 'kek-home' } },
    ]);
  });

  it.each([
    ['a home that is none', { payload: '{"home":"elsewhere"}' }],
    ['more than a home', { payload: '{"home":"vault","more":1}' }],
    ['a version', { payload: `{"version_id":"${'a'.repeat(32)}"}` }],
    ['a function that threw', { payload: '{"home":"vault"}', functionError: 'Unhandled' }],
    ['the code of an outage', { payload: '{"code":"store_unavailable"}' }],
  ] satisfies [string, LambdaAnswer][])('tells nothing by %s', async (_, given) => {
    answer = given;
    await expect(newReporter().home()).rejects.toMatchObject(UNAVAILABLE);
  });
});
