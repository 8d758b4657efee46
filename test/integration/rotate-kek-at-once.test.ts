import { randomUUID } from 'node:crypto';
import { PutSecretValueCommand, UpdateSecretVersionStageCommand } from '@aws-sdk/client-secrets-manager';
import { parseKekSecretRecord, serializeKekSecret } from '../../lambdas/core/domain/kek-keyset';
import type { RunningSecretsManager } from '../doubles/secrets-manager/start-secrets-manager';
import { startDeployment, NAME, type Deployment } from './rotate-kek-deployment';

let running: RunningSecretsManager;
let deployment: Deployment;

beforeEach(async () => {
  ({ running, deployment } = await startDeployment());
});
afterEach(() => running.close());

describe('a rotation whose parent is no longer current', () => {
  test('a stale parent takes its own AWSPENDING off, so that the next rotation runs', async () => {
    await deployment.bootstrap();
    const token = await deployment.announce();
    await deployment.rotation().run('createSecret', token);
    const { versionId, text } = await deployment.current();
    const other = randomUUID();
    await deployment.client.send(
      new PutSecretValueCommand({
        SecretId: NAME,
        ClientRequestToken: other,
        SecretString: text,
        VersionStages: ['ESCROW'],
      }),
    );
    await deployment.client.send(
      new UpdateSecretVersionStageCommand({
        SecretId: NAME,
        VersionStage: 'AWSCURRENT',
        RemoveFromVersionId: versionId,
        MoveToVersionId: other,
      }),
    );
    await expect(deployment.rotation().run('finishSecret', token)).rejects.toThrow('another version');
    expect((await deployment.current()).versionId).toBe(other);
    const next = await deployment.rotate();
    expect((await deployment.current()).versionId).toBe(next);
    await deployment.expectAllOpen();
  });

  test('another version that becomes current between the check and the move', async () => {
    await deployment.bootstrap();
    const { versionId, text } = await deployment.current();
    const token = await deployment.pending();
    const other = randomUUID();
    const store = deployment.store();
    deployment.between.moveCurrent = async (from, to) => {
      await deployment.client.send(
        new PutSecretValueCommand({ SecretId: NAME, ClientRequestToken: other, SecretString: text }),
      );
      return store.moveCurrent(from, to);
    };
    await expect(deployment.rotation().run('finishSecret', token)).rejects.toThrow('first');
    deployment.between = {};
    expect((await deployment.current()).versionId).toBe(other);
    expect(other).not.toBe(versionId);
    await deployment.rotate();
    await deployment.expectAllOpen();
  });

  test('AWSPENDING left on a version that was current once: it is taken off, or no rotation would run again', async () => {
    await deployment.bootstrap();
    const old = await deployment.rotate();
    const { text } = await deployment.current();
    const restored = serializeKekSecret({ ...parseKekSecretRecord(text), parent_version_id: old });
    await deployment.put(restored);
    await expect(deployment.announce()).rejects.toThrow("previous rotation isn't complete");
    await expect(deployment.rotation().run('testSecret', old)).rejects.toThrow('another version');
    await deployment.rotate();
    await deployment.expectAllOpen();
  });
});
