import { CreateSecretCommand, PutSecretValueCommand, RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { createSecretsManagerClient } from '../../lambdas/adapters/aws/secrets-manager/secrets-manager-client';
import { createKekRotation } from '../../lambdas/adapters/aws/secrets-manager/secrets-manager-kek-rotation';
import { AMPLE } from '../ample-limits';
import { RecordingFailures } from '../doubles/recording-failures';
import { startSecretsManager, type RunningSecretsManager } from '../doubles/secrets-manager/start-secrets-manager';
import { keeps } from './contract';
import { kekRotationContract } from './kek-rotation.contract';

const LIMITS = {
  region: 'us-east-1',
  ...AMPLE,
  maxAttempts: 1,
  failures: new RecordingFailures(),
};
const LAMBDA = 'arn:aws:lambda:us-east-1:111111111111:function:rotate-kek';
const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'example-not-a-secret' };

const inherited = { ...process.env };
beforeAll(() => Object.assign(process.env, CREDENTIALS));
afterAll(() => {
  process.env = inherited;
});

describe('starting a rotation', () => {
  let running: RunningSecretsManager;
  let steps: string[];
  const client = () => createSecretsManagerClient({ ...LIMITS, endpoint: running.endpoint });
  const rotation = () => createKekRotation({ client: client(), secretId: 'keyward/kek' });

  beforeEach(async () => {
    running = await startSecretsManager();
    steps = [];
    await client().send(new CreateSecretCommand({ Name: 'keyward/kek', SecretString: '{"schema":1}' }));
    running.service.rotations.functions.set(LAMBDA, async ({ Step, ClientRequestToken, SecretId }) => {
      steps.push(Step);
      if (Step !== 'createSecret') return;
      const value = { SecretId, ClientRequestToken, SecretString: 'x', VersionStages: ['AWSPENDING'] };
      await client().send(new PutSecretValueCommand(value));
    });
    await client().send(
      new RotateSecretCommand({ SecretId: 'keyward/kek', RotationLambdaARN: LAMBDA, RotateImmediately: false }),
    );
    await running.service.rotations.settled();
    steps.length = 0;
  });
  afterEach(() => running.close());

  keeps('createKekRotation', kekRotationContract, () => {
    let begun = 0;
    running.service.rotations.functions.set(LAMBDA, async ({ Step }) => {
      if (Step === 'createSecret') begun += 1;
    });
    return {
      port: rotation(),
      begun: async () => {
        await running.service.rotations.settled();
        return begun;
      },
      beginAnother: async () => {
        const value = { SecretId: 'keyward/kek', SecretString: 'x', VersionStages: ['AWSPENDING'] };
        await client().send(new PutSecretValueCommand(value));
      },
      faults: {
        loseWrites: (...lost) => {
          for (const { arrives } of lost) {
            running.faults.plant({ effect: { kind: arrives ? 'drop_answer' : 'refuse' }, times: 1 });
          }
        },
      },
    };
  });

  test('runs the steps of the function that the secret names; while one is pending another is no error', async () => {
    await rotation().start();
    await running.service.rotations.settled();
    expect(steps).toEqual(['createSecret', 'setSecret', 'testSecret', 'finishSecret']);
    await rotation().start();
    await running.service.rotations.settled();
    expect(steps).toHaveLength(4);
  });

  test.each([
    'No Lambda rotation function ARN is associated with this secret.',
    "You can't perform this operation on the secret because it was marked for deletion.",
  ])('is not taken for one that is running: %s', async (message) => {
    running.faults.plant({ effect: { kind: 'fail', name: 'InvalidRequestException', message } });
    await expect(rotation().start()).rejects.toMatchObject({
      code: 'store_unavailable',
      outside: { operation: 'RotateSecret', name: 'InvalidRequestException', kind: 'refused' },
    });
  });

  test('has a token of the SDK, in the form that Secrets Manager wants', async () => {
    await rotation().start();
    const { request } = running.calls.filter(({ operation }) => operation === 'RotateSecret').at(-1)!;
    expect(request['ClientRequestToken']).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('anything else is store_unavailable', async () => {
    running.faults.plant({ effect: { kind: 'fail', name: 'AccessDeniedException' } });
    await expect(rotation().start()).rejects.toMatchObject({
      code: 'store_unavailable',
      message: 'Secrets Manager did not answer; try again',
    });
  });
});
