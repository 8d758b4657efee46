import { parseKekSecretRecord, serializeKekSecret } from '../../../lambdas/core/crypto/kek-keyset';
import type { RunningSecretsManager } from '../../doubles/secrets-manager/start-secrets-manager';
import { startDeployment, type Deployment } from './rotate-kek-deployment';

let running: RunningSecretsManager;
let deployment: Deployment;

beforeEach(async () => {
  ({ running, deployment } = await startDeployment());
});
afterEach(() => running.close());

describe('what may not become current', () => {
  test.each(['', 'not JSON', '{"schema":1}', '{"schema":1,"keys":{}}'])('a pending value of %j', async (value) => {
    await deployment.bootstrap();
    const token = await deployment.startRotation();
    await deployment.put(value === '' ? ' ' : value, token);
    await expect(deployment.rotation().run('testSecret', token)).rejects.toThrow('damaged');
    expect(deployment.metrics.of('kek_rotation_abandoned')).toBe(1);
    await deployment.rotate();
    await deployment.expectAllOpen();
  });

  test.each([
    [
      'lacks a KEK that a keyset refers to',
      (keys: Record<string, unknown>, old: string) => ({ ...keys, [old]: undefined }),
    ],
    [
      'has another key under the same id',
      (keys: Record<string, object>, old: string) => ({
        ...keys,
        [old]: { ...keys[old], material: Buffer.alloc(32, 7).toString('base64') },
      }),
    ],
  ])('a pending value that %s', async (_, edit) => {
    await deployment.bootstrap();
    const old = (await deployment.currentRecord()).primary;
    const token = await deployment.startRotation();
    await deployment.rotation().run('createSecret', token);
    const store = deployment.store();
    const record = parseKekSecretRecord((await store.value(token))!);
    const edited = serializeKekSecret({ ...record, keys: edit(record.keys, old) as never });
    await store.removePending(token);
    const second = await deployment.startRotation();
    await deployment.put(edited, second);
    await expect(deployment.rotation().run('testSecret', second)).rejects.toThrow();
    await expect(deployment.rotation().run('finishSecret', second)).rejects.toThrow();
    await deployment.rotate();
    await deployment.expectAllOpen();
  });

  test('a current value that is damaged is never built on', async () => {
    await deployment.create();
    await deployment.put('{"schema":1,"keys":7}');
    const token = await deployment.startRotation();
    await expect(deployment.rotation().run('createSecret', token)).rejects.toMatchObject({ reason: 'kek_damaged' });
  });

  test('a keyset that was damaged before raises an alarm and blocks nothing', async () => {
    await deployment.bootstrap();
    const record = deployment.keyset('google');
    deployment.keysets[0]!.records.set('google', { ...record, revision: 99 });
    const token = await deployment.rotate();
    expect((await deployment.current()).versionId).toBe(token);
    expect(deployment.metrics.of('keyset_damaged')).toBeGreaterThan(0);
    await deployment.rewrap(token);
    expect(deployment.keyset('openai').revision).toBe(2);
  });
});
