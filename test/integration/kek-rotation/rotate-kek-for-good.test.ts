import { RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { KeywardError } from '../../../lambdas/core/errors/errors';
import type { OutsideFailure } from '../../../lambdas/core/errors/outside-failure';
import type { KekRotationStep } from '../../../lambdas/core/kek-rotation/rotate-kek';
import type { RunningSecretsManager } from '../../doubles/secrets-manager/start-secrets-manager';
import { HOME, LAMBDA, NAME, PLACEHOLDER, startDeployment, STEPS, type Deployment } from './rotate-kek-deployment';

let running: RunningSecretsManager;
let deployment: Deployment;

beforeEach(async () => {
  ({ running, deployment } = await startDeployment());
  await deployment.create();
});
afterEach(() => running.close());

const pendingVersions = async () =>
  (await deployment.store().versions()).filter(
    ({ stages }) => stages.includes('AWSPENDING') && !stages.includes('AWSCURRENT'),
  );

/** CloudFormation's work for a new RotationSchedule (AWS::SecretsManager::RotationSchedule, rotateImmediatelyOnUpdate false). */
const newSchedule = async (): Promise<void> => {
  deployment.service.rotations.functions.set(LAMBDA, async ({ Step, ClientRequestToken }) =>
    deployment.rotation().run(Step as KekRotationStep, ClientRequestToken),
  );
  const command = { SecretId: NAME, RotationLambdaARN: LAMBDA, RotateImmediately: false };
  await deployment.client.send(new RotateSecretCommand(command));
  await deployment.service.rotations.settled();
};

/** The next rotation, started by Secrets Manager only. */
const rotatesByItself = async (): Promise<void> => {
  expect(await pendingVersions()).toEqual([]);
  await newSchedule();
  const token = await deployment.rotate();
  expect((await deployment.current()).versionId).toBe(token);
  expect(await deployment.kekIds()).toHaveLength(1);
};

/** Steps as Secrets Manager calls them, up to the first that fails. */
const runUpTo = async (failing: KekRotationStep): Promise<unknown> => {
  const token = await deployment.startRotation();
  for (const step of STEPS) {
    const thrown: unknown = await deployment
      .rotation()
      .run(step, token)
      .catch((error: unknown) => error);
    if (thrown === undefined) continue;
    expect(step).toBe(failing);
    return thrown;
  }
  throw new Error('no step has failed');
};

describe('a first rotation that fails for good is given up by itself', () => {
  test.each([
    ['createSecret', 'PutSecretValue', 'AccessDeniedException'],
    ['createSecret', 'PutSecretValue', 'EncryptionFailure'],
    ['createSecret', 'GetSecretValue', 'DecryptionFailure'],
    ['createSecret', 'GetSecretValue', 'AccessDeniedException'],
    ['createSecret', 'DescribeSecret', 'AccessDeniedException'],
  ] as const)('%s, because %s is refused by %s', async (step, operation, name) => {
    running.faults.plant({ effect: { kind: 'fail', name, message: 'CANARY' }, operation });
    const thrown = await runUpTo(step);
    running.faults.clear();
    expect(thrown).toMatchObject({ code: 'conflict', outside: { name } });
    expect((thrown as Error).message).toMatch(`: ${name}`);
    expect((thrown as Error).message).not.toContain('CANARY');
    expect(deployment.metrics.of('kek_rotation_abandoned')).toBe(1);
    expect(deployment.audit.events).toMatchObject([{ event_type: 'rotate', success: false }]);
    expect((await deployment.current()).text).toBe(PLACEHOLDER);
    await rotatesByItself();
  });

  test('testSecret, because reading what is pending is refused', async () => {
    const token = await deployment.pending();
    running.faults.plant({ effect: { kind: 'fail', name: 'DecryptionFailure' }, operation: 'GetSecretValue' });
    await expect(deployment.rotation().run('testSecret', token)).rejects.toThrow('DecryptionFailure');
    running.faults.clear();
    await rotatesByItself();
  });

  test.each(['testSecret', 'finishSecret'] as const)('%s, because what is pending is damaged', async (step) => {
    const token = await deployment.startRotation();
    await deployment.put('{"schema":1,"keys":7}', token);
    await expect(deployment.rotation().run(step, token)).rejects.toThrow('damaged');
    await rotatesByItself();
  });

  test('finishSecret, because of a stale parent', async () => {
    const token = await deployment.pending();
    await deployment.put('{"schema":1,"note":"written by somebody"}');
    await expect(deployment.rotation().run('finishSecret', token)).rejects.toThrow('another version');
    await rotatesByItself();
  });

  test('createSecret, because there are keysets and no KEK', async () => {
    deployment.keysets[2]!.records.set('taken-off', { provider: 'taken-off', kek_id: 'kek-lost' });
    expect(await runUpTo('createSecret')).toMatchObject({ message: expect.stringContaining('restore the secret') });
    deployment.keysets[2]!.records.clear();
    await rotatesByItself();
  });

  test('createSecret, because the table of a region refuses to be read', async () => {
    refuseScan('AccessDeniedException', 'denied');
    expect(await runUpTo('createSecret')).toMatchObject({
      message: expect.stringContaining('DynamoDB in eu-west-1 refuses Scan: AccessDeniedException'),
    });
    allowScan();
    await rotatesByItself();
  });

  test('createSecret, because the current value is damaged', async () => {
    await deployment.put('{"schema":1,"keys":7}');
    expect(await runUpTo('createSecret')).toMatchObject({ reason: 'kek_damaged' });
    expect(await pendingVersions()).toEqual([]);
  });
});

const allowScan = (): void => {
  Reflect.deleteProperty(deployment.keysets[1]!, 'all');
};
const refuseScan = (name: OutsideFailure['name'], kind: OutsideFailure['kind']): void => {
  const outside: OutsideFailure = { service: 'DynamoDB', operation: 'Scan', region: 'eu-west-1', name, kind };
  deployment.keysets[1]!.all = () => Promise.reject(new KeywardError('store_unavailable', 'no', undefined, outside));
};

describe('what passes by itself gives nothing up', () => {
  test.each(['createSecret', 'testSecret', 'finishSecret'] as const)(
    'an outage in %s: the same token, the same bytes',
    async (step) => {
      const token = await deployment.startRotation();
      for (const each of STEPS.slice(0, STEPS.indexOf(step))) await deployment.rotation().run(each, token);
      const before = await deployment.store().value(token);
      for (const name of ['ThrottlingException', 'InternalServiceError', 'LimitExceededException']) {
        running.faults.plant({ effect: { kind: 'fail', name }, times: 1 });
        await expect(deployment.rotation().run(step, token)).rejects.toBeDefined();
        running.faults.clear();
      }
      expect(deployment.metrics.of('kek_rotation_abandoned')).toBe(0);
      expect(await deployment.store().value(token)).toBe(before);
      for (const each of STEPS) await deployment.rotation().run(each, token);
      expect((await deployment.current()).versionId).toBe(token);
    },
  );

  test('a region that does not answer during a first rotation', async () => {
    deployment.keysets[1]!.down = true;
    expect(await runUpTo('createSecret')).toMatchObject({ message: expect.stringContaining('not every region') });
    expect(await pendingVersions()).toHaveLength(1);
    expect(deployment.metrics.of('kek_rotation_abandoned')).toBe(0);
  });

  test.each(STEPS)('a fresh role that may do it after half a minute: %s', async (step) => {
    const token = await deployment.startRotation();
    const start = deployment.clock.now();
    for (const each of STEPS) {
      if (each === step) running.faults.plant({ effect: { kind: 'fail', name: 'AccessDeniedException' }, times: 6 });
      await deployment.rotation().run(each, token);
    }
    expect(deployment.clock.now() - start).toBe(30_000);
    expect(deployment.metrics.of('kek_rotation_abandoned')).toBe(0);
    expect((await deployment.current()).versionId).toBe(token);
  });

  test('what may never be done is tried for a minute, well within the function’s two', async () => {
    running.faults.plant({ effect: { kind: 'fail', name: 'AccessDeniedException' }, operation: 'PutSecretValue' });
    const start = deployment.clock.now();
    await runUpTo('createSecret');
    expect(deployment.clock.now() - start).toBe(60_000);
  });

  test('a move of AWSCURRENT that is denied says so, and stays pending: who may not move may not take off', async () => {
    const token = await deployment.pending();
    running.faults.plant({ effect: { kind: 'fail', name: 'AccessDeniedException' }, operation: 'DescribeSecret' });
    await expect(deployment.rotation().run('finishSecret', token)).rejects.toMatchObject({ code: 'store_unavailable' });
    running.faults.clear();
    expect(await pendingVersions()).toHaveLength(1);
    await deployment.rotation().run('finishSecret', token);
    expect((await deployment.current()).versionId).toBe(token);
  });

  test('a step for a token that was current before is no reason to give anything up', async () => {
    const token = await deployment.rotate();
    running.faults.plant({ effect: { kind: 'fail', name: 'DecryptionFailure' }, operation: 'GetSecretValue', skip: 0 });
    await deployment.rotation().run('testSecret', token);
    const older = token;
    running.faults.clear();
    await deployment.rotate();
    running.faults.plant({ effect: { kind: 'fail', name: 'DecryptionFailure' }, operation: 'GetSecretValue' });
    await expect(deployment.rotation().run('testSecret', older)).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(deployment.metrics.of('kek_rotation_abandoned')).toBe(0);
  });
});

describe('giving up, and what goes wrong with that', () => {
  const damaged = async (): Promise<string> => {
    const token = await deployment.startRotation();
    await deployment.put('{"schema":1,"keys":7}', token);
    return token;
  };

  test.each(['drop_answer', 'refuse'] as const)('the answer to taking the label off is lost (%s)', async (kind) => {
    const token = await damaged();
    running.faults.plant({ effect: { kind }, operation: 'UpdateSecretVersionStage', times: 1 });
    await expect(deployment.rotation().run('testSecret', token)).rejects.toThrow('damaged');
    await expect(deployment.rotation().run('testSecret', token)).rejects.toThrow(
      kind === 'refuse' ? 'damaged' : 'not AWSPENDING',
    );
    await rotatesByItself();
  });

  test('nothing is given up that cannot be put on record', async () => {
    const token = await damaged();
    deployment.audit.down = true;
    await expect(deployment.rotation().run('testSecret', token)).rejects.toMatchObject({ code: 'audit_unavailable' });
    expect(await pendingVersions()).toHaveLength(1);
    deployment.audit.down = false;
    await expect(deployment.rotation().run('testSecret', token)).rejects.toThrow('damaged');
    await rotatesByItself();
  });

  test('while a version is pending, neither a rotation nor a schedule is taken', async () => {
    await damaged();
    await expect(newSchedule()).rejects.toThrow("A previous rotation isn't complete");
    await expect(deployment.startRotation()).rejects.toThrow("A previous rotation isn't complete");
    expect(HOME).toBe(deployment.store().region);
  });
});
