import { randomUUID } from 'node:crypto';
import type { SecretVersion } from '../../../lambdas/core/kek-rotation/ports/kek-secret-store';
import { testRandomness } from '../../doubles/memory-ports';
import type { RunningSecretsManager } from '../../doubles/secrets-manager/start-secrets-manager';
import { startDeployment, type Deployment } from './rotate-kek-deployment';

let running: RunningSecretsManager;
let deployment: Deployment;

beforeEach(async () => {
  ({ running, deployment } = await startDeployment());
});
afterEach(() => running.close());

describe('a service that lags, loses answers and refuses', () => {
  /** The present description, returned for the next reads. */
  const lagFor = async (reads: number): Promise<void> => {
    const stale = await deployment.store().versions();
    let left = reads;
    deployment.between.versions = () => (left-- > 0 ? Promise.resolve(stale) : deployment.store().versions());
  };

  test('a repeated finishSecret that sees the description from before the first', async () => {
    await deployment.bootstrap();
    const token = await deployment.pending();
    await lagFor(3);
    await deployment.rotation().run('finishSecret', token);
    await deployment.rotation().run('finishSecret', token);
    expect(deployment.messages).toHaveLength(2);
    expect((await deployment.current()).versionId).toBe(token);
    expect(deployment.metrics.of('kek_rotation_abandoned')).toBe(0);
  });

  test('a description that lags for long leaves everything as it is', async () => {
    await deployment.bootstrap();
    const token = await deployment.pending();
    await lagFor(Infinity);
    await deployment.rotation().run('finishSecret', token);
    await expect(deployment.rotation().run('finishSecret', token)).rejects.toMatchObject({ code: 'outcome_unknown' });
    expect(deployment.metrics.of('kek_rotation_abandoned')).toBe(0);
    deployment.between = {};
    await deployment.rotation().run('finishSecret', token);
    await deployment.rewrap(token);
    await deployment.expectAllOpen();
  });

  test('a description of an older current version abandons nothing', async () => {
    await deployment.bootstrap();
    const older = await deployment.store().versions();
    await deployment.rotate();
    const token = await deployment.pending();
    const now = await deployment.store().versions();
    const mixed = older.map((version): SecretVersion => ({ ...version, stages: ['AWSCURRENT'] }));
    let reads = 0;
    deployment.between.versions = async () =>
      reads++ === 0 ? [mixed[0]!, { versionId: token, stages: ['AWSPENDING'] }] : now;
    await expect(deployment.rotation().run('testSecret', token)).rejects.toThrow('lags');
    await deployment.rotation().run('testSecret', token);
    await deployment.rotation().run('finishSecret', token);
    expect((await deployment.current()).versionId).toBe(token);
  });

  test('a move of AWSCURRENT that was carried out, and whose retry by the SDK is refused', async () => {
    await running.close();
    ({ running, deployment } = await startDeployment(3));
    await deployment.bootstrap();
    const token = await deployment.pending();
    running.faults.plant({ effect: { kind: 'drop_answer' }, operation: 'UpdateSecretVersionStage', times: 1 });
    await deployment.rotation().run('finishSecret', token);
    const moves = running.calls.filter(({ operation }) => operation === 'UpdateSecretVersionStage').slice(-2);
    expect(moves.map(({ outcome }) => outcome)).toEqual(['dropped', 'InvalidParameterException']);
    expect(deployment.audit.events.at(-1)).toMatchObject({ success: true, metadata: { outcome: 'written' } });
    expect(deployment.messages.at(-1)).toMatchObject({ secret_version_id: token });
    expect((await deployment.current()).versionId).toBe(token);
    await deployment.expectAllOpen();
  });

  test('a move whose answer was lost, and after which the next rotation was through already', async () => {
    await deployment.bootstrap();
    const token = await deployment.pending();
    const store = deployment.store();
    deployment.between.moveCurrent = async (from, to) => {
      deployment.between = {};
      await store.moveCurrent(from, to);
      await deployment.rotate();
      throw new Error('no answer');
    };
    await deployment.rotation().run('finishSecret', token);
    expect(deployment.metrics.of('kek_rotation_abandoned')).toBe(0);
    expect(await deployment.rewrap(token)).toBe('done');
    await deployment.expectAllOpen();
  });

  test('a step that began before another process had finished the same rotation abandons nothing', async () => {
    await deployment.bootstrap();
    const [placeholder] = await deployment.store().versions();
    const token = await deployment.rotate();
    let reads = 0;
    deployment.between.versions = async () =>
      reads++ === 0
        ? [
            { versionId: placeholder!.versionId, stages: ['AWSCURRENT'] },
            { versionId: token, stages: ['AWSPENDING'] },
          ]
        : deployment.store().versions();
    await expect(deployment.rotation().run('testSecret', token)).rejects.toThrow('lags');
    expect(deployment.metrics.of('kek_rotation_abandoned')).toBe(0);
    await deployment.rotation().run('finishSecret', token);
  });

  test.each([
    ['carried out', 'drop_answer', true],
    ['never made', 'refuse', false],
  ] as const)('a move of AWSCURRENT whose answer was lost, and that was %s', async (_, kind, isDone) => {
    await deployment.bootstrap();
    const token = await deployment.pending();
    running.faults.plant({ effect: { kind }, operation: 'UpdateSecretVersionStage', times: 1 });
    const run = deployment.rotation().run('finishSecret', token);
    await (isDone ? run : expect(run).rejects.toMatchObject({ code: 'outcome_unknown' }));
    await deployment.rotation().run('finishSecret', token);
    expect((await deployment.current()).versionId).toBe(token);
    await deployment.expectAllOpen();
  });

  test.each(['createSecret', 'finishSecret'] as const)(
    '%s where nothing is current, or it cannot be read',
    async (step) => {
      await deployment.bootstrap();
      const token = await deployment.startRotation();
      if (step === 'finishSecret') await deployment.rotation().run('createSecret', token);
      deployment.between.versions = async () => [];
      await expect(deployment.rotation().run(step, token)).rejects.toThrow('no version is AWSCURRENT');
      const { versionId } = await deployment.current();
      deployment.between = {
        value: async (id) => (id === versionId ? undefined : deployment.store().value(id)),
      };
      await expect(deployment.rotation().run(step, token)).rejects.toThrow('not readable');
      await expect(deployment.rotation().run('finishSecret', versionId)).rejects.toThrow('not readable');
      await expect(deployment.rotation().run(step, randomUUID())).rejects.toThrow('not AWSPENDING');
    },
  );

  test('a value that is there and cannot be read yet', async () => {
    await deployment.bootstrap();
    const token = await deployment.startRotation();
    deployment.between = {
      putPending: async () => 'exists',
      value: async (id) => (id === token ? undefined : deployment.store().value(id)),
    };
    await expect(deployment.rotation().run('createSecret', token)).rejects.toThrow('not readable yet');
  });

  test('a bug in a check abandons nothing', async () => {
    await deployment.bootstrap();
    const token = await deployment.pending();
    deployment.randomness = () => ({
      publicBytes: () => {
        throw new TypeError('a bug');
      },
      secretBytes: (size) => testRandomness.secretBytes(size),
    });
    await expect(deployment.rotation().run('testSecret', token)).rejects.toThrow(TypeError);
    expect(deployment.metrics.of('kek_rotation_abandoned')).toBe(0);
  });
});
