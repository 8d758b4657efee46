import { randomUUID } from 'node:crypto';
import { PutSecretValueCommand, UpdateSecretVersionStageCommand } from '@aws-sdk/client-secrets-manager';
import { parseKekSecretRecord, serializeKekSecret } from '../../../lambdas/core/crypto/kek-keyset';
import type { RunningSecretsManager } from '../../doubles/secrets-manager/start-secrets-manager';
import { startDeployment, NAME, STEPS, type Deployment } from './rotate-kek-deployment';

let running: RunningSecretsManager;
let deployment: Deployment;

beforeEach(async () => {
  ({ running, deployment } = await startDeployment());
});
afterEach(() => running.close());

describe('a rotation whose parent is no longer current', () => {
  test('a stale parent takes its own AWSPENDING off, so that the next rotation runs', async () => {
    await deployment.bootstrap();
    const token = await deployment.startRotation();
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
    await moveCurrentByHand(versionId, other);
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
    await expect(deployment.startRotation()).rejects.toThrow("previous rotation isn't complete");
    await expect(deployment.rotation().run('testSecret', old)).rejects.toThrow('another version');
    await deployment.rotate();
    await deployment.expectAllOpen();
  });
});

/** Moves AWSCURRENT as an operator with the break-glass role does. */
const moveCurrentByHand = async (from: string, to: string): Promise<void> => {
  await deployment.client.send(
    new UpdateSecretVersionStageCommand({
      SecretId: NAME,
      VersionStage: 'AWSCURRENT',
      RemoveFromVersionId: from,
      MoveToVersionId: to,
    }),
  );
};

describe('two at once', () => {
  test('a rotation that is asked for while one is pending is refused, and the pending one ends well', async () => {
    await deployment.bootstrap();
    const token = await deployment.pending();
    await expect(deployment.startRotation()).rejects.toThrow("previous rotation isn't complete");
    for (const step of STEPS) await deployment.rotation().run(step, token);
    await deployment.expectAllOpen();
  });

  test('all steps of one rotation, by two processes at once', async () => {
    await deployment.bootstrap();
    const before = await deployment.kekIds();
    const token = await deployment.startRotation();
    for (const step of STEPS) await Promise.all([1, 2].map(() => deployment.rotation().run(step, token)));
    expect((await deployment.current()).versionId).toBe(token);
    expect(await deployment.kekIds()).toEqual(expect.arrayContaining(before));
    expect(deployment.messages).toHaveLength(2);
    expect(deployment.metrics.of('kek_rotation_abandoned')).toBe(0);
    expect(await Promise.all([1, 2].map(() => deployment.rewrap(token)))).toEqual(['done', 'done']);
    await deployment.expectAllOpen();
  });

  test('of two versions that were built from the same parent one becomes current, and the other is abandoned', async () => {
    await deployment.bootstrap();
    const first = await deployment.pending();
    await deployment.store().removePending(first);
    const second = await deployment.pending();
    // The state of the first that a lagging description would still show.
    deployment.between.versions = async () => [
      ...(await deployment.store().versions()),
      { versionId: first, stages: ['AWSPENDING'] },
    ];
    const outcomes = await Promise.allSettled(
      [first, second].map((token) => deployment.rotation().run('finishSecret', token)),
    );
    deployment.between = {};
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect([first, second]).toContain((await deployment.current()).versionId);
    expect(deployment.metrics.of('kek_rotation_abandoned')).toBe(1);
    await deployment.expectAllOpen();
  });

  test('a rewrap that meets the next rotation asks to be called again, and then moves to the newest KEK', async () => {
    await deployment.bootstrap();
    const first = await deployment.rotate();
    deployment.service.replication.setLag('eu-west-1', Infinity);
    const second = await deployment.rotate();
    expect(await deployment.rewrap(first)).toBe('not_yet');
    deployment.service.replication.release('eu-west-1');
    expect(await deployment.rewrap(first)).toBe('done');
    expect(deployment.keyset('openai').kek_id).toBe((await deployment.currentRecord()).primary);
    expect(await deployment.rewrap(second)).toBe('done');
    await deployment.expectAllOpen();
  });

  test('steps for a token that was abandoned fail, and bring nothing back', async () => {
    await deployment.bootstrap();
    const token = await deployment.startRotation();
    await deployment.put('not a KEK secret', token);
    await expect(deployment.rotation().run('testSecret', token)).rejects.toThrow('damaged');
    const { versionId } = await deployment.current();
    for (const step of STEPS) {
      await expect(deployment.rotation().run(step, token)).rejects.toThrow('not AWSPENDING');
    }
    expect(await deployment.store().versions()).toEqual(
      expect.not.arrayContaining([expect.objectContaining({ stages: expect.arrayContaining(['AWSPENDING']) })]),
    );
    expect((await deployment.current()).versionId).toBe(versionId);
  });
});

describe('AWSCURRENT moved by hand', () => {
  /** After a rotation the previous version is current again; the newer one holds the KEK that keysets refer to. */
  const rotatedAndMovedBack = async (): Promise<{ readonly old: string; readonly newer: string }> => {
    await deployment.bootstrap();
    const { versionId: old } = await deployment.current();
    const newer = await deployment.rotate();
    await deployment.rewrap(newer);
    await moveCurrentByHand(newer, old);
    return { old, newer };
  };

  test('back to the version before: what was pending on the newer one makes that current again', async () => {
    const { newer: token } = await rotatedAndMovedBack();
    for (const step of STEPS) await deployment.rotation().run(step, token);
    expect((await deployment.current()).versionId).toBe(token);
    await deployment.expectAllOpen();
  });

  test('to a version without a KEK that keysets refer to: no rotation pushes the last version that has it aside', async () => {
    const { old, newer: good } = await rotatedAndMovedBack();
    await deployment.store().removePending(good);
    const token = await deployment.startRotation();
    await expect(deployment.rotation().run('createSecret', token)).rejects.toThrow('restore the secret');
    await moveCurrentByHand(old, good);
    for (const step of STEPS) await deployment.rotation().run(step, token);
    expect((await deployment.current()).versionId).toBe(token);
    await deployment.expectAllOpen();
  });

  test('to one without it, after createSecret has not seen the keysets: finishSecret does', async () => {
    const { old, newer: good } = await rotatedAndMovedBack();
    await deployment.store().removePending(good);
    for (const store of deployment.keysets) store.down = true;
    const token = await deployment.pending();
    for (const store of deployment.keysets) store.down = false;
    await expect(deployment.rotation().run('finishSecret', token)).rejects.toThrow('restore the secret');
    expect((await deployment.current()).versionId).toBe(old);
    await moveCurrentByHand(old, good);
    await expect(deployment.rotation().run('finishSecret', token)).rejects.toThrow('another version');
    await deployment.expectAllOpen();
  });

  test('a keyset that names a KEK which no version has is an alarm, and blocks nothing', async () => {
    await deployment.bootstrap();
    deployment.keysets[0]!.records.set('google', { ...deployment.keyset('google'), kek_id: 'kek-of-nobody' });
    const token = await deployment.rotate();
    expect((await deployment.current()).versionId).toBe(token);
    expect(deployment.metrics.of('keyset_damaged')).toBeGreaterThan(0);
  });
});
