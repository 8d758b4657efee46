import { createLambdaRegionProver } from '../../lambdas/adapters/aws/lambda/lambda-region-prover';
import type { RegionProver } from '../../lambdas/core/dek-rotation/ports/region-prover';
import { AMPLE } from '../ample-limits';
import { RecordingFailures } from '../doubles/recording-failures';
import { startLambda, type LambdaAnswer } from '../doubles/start-lambda';
import { keeps } from './contract';
import { challenge, PROOF, regionProverContract, type Situation } from './region-prover.contract';
import { useAwsDouble } from './use-aws-double';

const LIMITS = {
  ...AMPLE,
  maxAttempts: 1,
  failures: new RecordingFailures(),
};
describe("a region's function", () => {
  const ANSWERS: Record<Situation, LambdaAnswer> = {
    proves: { payload: JSON.stringify({ proof: PROOF }) },
    'cannot yet': { payload: '{"code":"keys_unavailable"}' },
    'does not answer': { payload: '{"Message":"x"}', status: 503 },
  };
  let answer: () => LambdaAnswer | Promise<LambdaAnswer>;
  const lambda = useAwsDouble('LAMBDA', () => startLambda(() => answer()));

  const newProver = (limits: Partial<typeof LIMITS> = {}): RegionProver =>
    createLambdaRegionProver({ ...LIMITS, ...limits, region: 'ap-south-1', functionName: 'keyward-prove-keyset' });

  keeps('createLambdaRegionProver', regionProverContract, () => {
    const become = (situation: Situation): void => {
      answer = () => ANSWERS[situation];
    };
    become('proves');
    return { port: newProver(), become, challenges: () => lambda().invocations.map(({ payload }) => payload) };
  });

  it('is the one that it is told to invoke', async () => {
    answer = () => ANSWERS.proves;
    await newProver().prove(challenge());
    expect(lambda().invocations.map(({ functionName }) => functionName)).toStrictEqual(['keyward-prove-keyset']);
  });

  it.each([
    ['a function that threw, whatever it says', { payload: `{"proof":"${PROOF}"}`, functionError: 'Unhandled' }],
    ['an empty answer', { payload: '' }],
    ['text that is not JSON', { payload: '{"proof":' }],
    ['JSON that is no object', { payload: `"${PROOF}"` }],
    ['null', { payload: 'null' }],
    ['two proofs', { payload: `{"proof":"x","proof":"${PROOF}"}` }],
    ['a proof with a prototype', { payload: `{"__proto__":null,"proof":"${PROOF}"}` }],
    ['a list', { payload: `["${PROOF}"]` }],
    ['a proof that is no text', { payload: '{"proof":7}' }],
    ['a code that is not expected', { payload: '{"code":"internal"}' }],
    ['a proof beside something else', { payload: `{"proof":"${PROOF}","code":"keys_unavailable"}` }],
    ['nothing', { payload: '{}' }],
    ['a refusal of the service', { payload: '{"Message":"denied"}', status: 403 }],
  ] satisfies [string, LambdaAnswer][])('gives no proof by %s', async (_name, given) => {
    answer = () => given;
    const failure: unknown = await newProver()
      .prove(challenge())
      .catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({
      code: 'store_unavailable',
      message: 'the region returned an unusable answer; try again',
    });
    expect((failure as Error).cause).toBeUndefined();
  });

  it('is given up on when it takes too long', async () => {
    answer = () => new Promise<never>(() => undefined);
    await expect(newProver({ requestTimeoutMs: 300 }).prove(challenge())).rejects.toMatchObject({
      code: 'store_unavailable',
    });
  });

  it('is asked again as often as it may be', async () => {
    const answers = [ANSWERS['does not answer'], ANSWERS.proves];
    answer = () => answers.shift()!;
    await expect(newProver({ maxAttempts: 2 }).prove(challenge())).resolves.toBe(PROOF);
    expect(lambda().invocations).toHaveLength(2);
  });
});
