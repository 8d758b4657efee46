import { randomUUID } from 'node:crypto';
import type { KeysetRecord } from '../../lambdas/core/domain/dek-keyset';
import { MAX_KEK_SECRET_BYTES, parseKekSecretRecord, serializeKekSecret } from '../../lambdas/core/domain/kek-keyset';
import { nextKekSecret } from '../../lambdas/core/domain/next-kek-secret';
import { testRandomness } from '../doubles/memory-ports';
import type { RunningSecretsManager } from '../doubles/secrets-manager/start-secrets-manager';
import { startDeployment, DAY_MS, PLACEHOLDER, STEPS, type Deployment } from './rotate-kek-deployment';

let running: RunningSecretsManager;
let deployment: Deployment;

beforeEach(async () => {
  ({ running, deployment } = await startDeployment());
});
afterEach(() => running.close());

describe('a KEK leaves', () => {
  test('after 40 days as non-primary and 40 days without a reference, and not before', async () => {
    await deployment.bootstrap();
    const [first] = await deployment.kekIds();
    await deployment.rewrap(await deployment.rotate());
    await deployment.rewrap(await deployment.rotate());
    deployment.clock.time += 39 * DAY_MS;
    await deployment.rewrap(await deployment.rotate());
    expect(await deployment.kekIds()).toContain(first);
    deployment.clock.time += 2 * DAY_MS;
    await deployment.rewrap(await deployment.rotate());
    expect(await deployment.kekIds()).not.toContain(first);
    await deployment.expectAllOpen();
  });

  test('not while a region does not say what it refers to, nor while one refers to it', async () => {
    await deployment.bootstrap();
    const [first] = await deployment.kekIds();
    const [home, , asia] = deployment.keysets;
    const old = structuredClone(home!.records);
    await deployment.rewrap(await deployment.rotate());
    await deployment.rotate();
    deployment.clock.time += 50 * DAY_MS;
    asia!.down = true;
    await deployment.rotate();
    expect(await deployment.kekIds()).toContain(first);
    asia!.down = false;
    for (const [provider, record] of old) asia!.records.set(provider, record);
    await deployment.rotate();
    expect(await deployment.kekIds()).toContain(first);
    await deployment.expectAllOpen();
  });

  test.each([
    ['a keyset', (record: unknown) => record],
    ['a damaged keyset', (record: unknown) => ({ ...(record as KeysetRecord), revision: 99 })],
  ])('not where %s refers to it again between createSecret and finishSecret', async (_, edit) => {
    await deployment.bootstrap();
    const [first] = await deployment.kekIds();
    const old = structuredClone(deployment.keysets[0]!.records);
    await deployment.rewrap(await deployment.rotate());
    await deployment.rotate();
    deployment.clock.time += 41 * DAY_MS;
    const token = await deployment.announce();
    await deployment.rotation().run('createSecret', token);
    for (const [provider, record] of old) deployment.keysets[2]!.records.set(provider, edit(record));
    await expect(deployment.rotation().run('finishSecret', token)).rejects.toThrow(/would not open|referred to again/);
    expect(await deployment.kekIds()).toContain(first);
    deployment.replicateKeysets();
    await deployment.rotate();
    await deployment.expectAllOpen();
  });
});

describe('keys that must not be lost', () => {
  test('a secret that holds no KEK while keysets exist is to be restored, not filled', async () => {
    await deployment.bootstrap();
    await deployment.store().removePending((await deployment.current()).versionId);
    await deployment.put(PLACEHOLDER);
    const token = await deployment.announce();
    await expect(deployment.rotation().run('createSecret', token)).rejects.toThrow('restore the secret');
  });

  test('nor is it filled where a region does not say whether it has keysets', async () => {
    await deployment.create();
    deployment.keysets[1]!.down = true;
    const token = await deployment.announce();
    await expect(deployment.rotation().run('createSecret', token)).rejects.toThrow('restore the secret');
    deployment.keysets[1]!.down = false;
    for (const step of STEPS) await deployment.rotation().run(step, token);
  });

  test('nor is a first KEK made current once there are keysets', async () => {
    await deployment.create();
    const token = await deployment.pending();
    deployment.keysets[2]!.records.set('openai', { provider: 'openai', kek_id: 'kek-lost' });
    await expect(deployment.rotation().run('finishSecret', token)).rejects.toThrow('restore the secret');
    expect((await deployment.current()).text).toBe(PLACEHOLDER);
  });

  test('a pending value that lacks a KEK before its time', async () => {
    await deployment.bootstrap();
    const [first] = await deployment.kekIds();
    await deployment.rewrap(await deployment.rotate());
    const token = await deployment.announce();
    const current = await deployment.current();
    const next = nextKekSecret(
      parseKekSecretRecord(current.text),
      current.versionId,
      undefined,
      deployment.clock.now(),
      testRandomness,
    );
    const keys = Object.fromEntries(Object.entries(next.keys).filter(([id]) => id !== first));
    await deployment.store().putPending(token, serializeKekSecret({ ...next, keys }));
    await expect(deployment.rotation().run('testSecret', token)).rejects.toThrow('a KEK is missing');
    expect(await deployment.kekIds()).toContain(first);
    await deployment.rotate();
  });

  test('a KEK that is to leave while a region is silent at the end', async () => {
    await deployment.bootstrap();
    await deployment.rewrap(await deployment.rotate());
    await deployment.rotate();
    deployment.clock.time += 41 * DAY_MS;
    const token = await deployment.announce();
    await deployment.rotation().run('createSecret', token);
    deployment.keysets[2]!.down = true;
    await expect(deployment.rotation().run('finishSecret', token)).rejects.toThrow('not every region');
    deployment.keysets[2]!.down = false;
    await deployment.rotation().run('finishSecret', token);
    await deployment.expectAllOpen();
  });

  test('a secret that would grow beyond what the service takes', async () => {
    await deployment.bootstrap();
    await deployment.store().removePending((await deployment.current()).versionId);
    let record = await deployment.currentRecord();
    const grow = () => nextKekSecret(record, randomUUID(), undefined, deployment.clock.now(), testRandomness);
    for (let next = grow(); Buffer.byteLength(serializeKekSecret(next)) <= MAX_KEK_SECRET_BYTES; next = grow())
      record = next;
    await deployment.put(serializeKekSecret(record));
    const token = await deployment.announce();
    await expect(deployment.rotation().run('createSecret', token)).rejects.toThrow('too big');
    await deployment.expectAllOpen();
  });
});
