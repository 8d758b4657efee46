import { randomUUID } from 'node:crypto';
import type { KeysetRecord } from '../../../lambdas/core/keysets/keyset-record';
import {
  MAX_KEK_SECRET_BYTES,
  parseKekSecretRecord,
  serializeKekSecret,
} from '../../../lambdas/core/crypto/kek-keyset';
import { nextKekSecret } from '../../../lambdas/core/kek-rotation/next-kek-secret';
import { testRandomness } from '../../doubles/memory-ports';
import type { RunningSecretsManager } from '../../doubles/secrets-manager/start-secrets-manager';
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
    const token = await deployment.startRotation();
    await deployment.rotation().run('createSecret', token);
    for (const [provider, record] of old) deployment.keysets[2]!.records.set(provider, edit(record));
    await expect(deployment.rotation().run('finishSecret', token)).rejects.toThrow(/would not open|referenced again/);
    expect(await deployment.kekIds()).toContain(first);
    deployment.replicateKeysets();
    await deployment.rotate();
    await deployment.expectAllOpen();
  });
});

/** Rotates, rewraps, and lets a month pass, this many times. */
const months = async (count: number): Promise<void> => {
  for (let month = 0; month < count; month += 1) {
    await deployment.rewrap(await deployment.rotate());
    deployment.clock.time += 30 * DAY_MS;
  }
};

describe('what is stored decides, whoever is configured', () => {
  /** The rotation gets no provider at all: everything in a region's table counts. */
  test('a provider that is stored in one region alone keeps its KEK, and is an alarm', async () => {
    await deployment.bootstrap();
    const [first] = await deployment.kekIds();
    const record = structuredClone(deployment.keyset('google'));
    deployment.keysets[2]!.records.set('taken-off', { ...record, provider: 'taken-off' });
    await months(5);
    expect(await deployment.kekIds()).toContain(first);
    expect(deployment.metrics.of('keyset_damaged')).toBeGreaterThan(0);
  });

  test.each([
    ['names none', {}],
    ['names one that is no text', { kek_id: 7 }],
    ['names one that is not there', { kek_id: 'kek-of-nobody' }],
    ['is no map', 'text'],
    ['is null', null],
  ])('a keyset that %s keeps every KEK, and is an alarm', async (_, value) => {
    await deployment.bootstrap();
    const [first] = await deployment.kekIds();
    for (const { records } of deployment.keysets) records.set('Not A Name!', value);
    await months(4);
    const { keys } = await deployment.currentRecord();
    expect(Object.keys(keys)).toHaveLength(5);
    expect(keys[first!]).not.toHaveProperty('unreferenced_since');
    expect(deployment.metrics.of('keyset_damaged')).toBeGreaterThan(0);
    expect(JSON.stringify(deployment.logger.lines)).not.toContain('Not A Name');
    for (const { records } of deployment.keysets) records.delete('Not A Name!');
    await months(3);
    expect(await deployment.kekIds()).not.toContain(first);
    await deployment.expectAllOpen();
  });

  test('one that comes between createSecret and finishSecret takes the label off, and the next rotation runs', async () => {
    await deployment.bootstrap();
    const [first] = await deployment.kekIds();
    await months(2);
    deployment.clock.time += 11 * DAY_MS;
    const token = await deployment.pending();
    expect(Object.keys(parseKekSecretRecord((await deployment.store().value(token))!).keys)).not.toContain(first);
    deployment.keysets[1]!.records.set('damaged', { kek_id: null });
    await expect(deployment.rotation().run('testSecret', token)).rejects.toThrow('does not name the KEK');
    await deployment.rotate();
    expect(await deployment.kekIds()).toContain(first);
    deployment.keysets[1]!.records.delete('damaged');
    await deployment.expectAllOpen();
  });

  test('while a region is silent no KEK begins to count as unreferenced', async () => {
    await deployment.bootstrap();
    const [first] = await deployment.kekIds();
    await deployment.rewrap(await deployment.rotate());
    deployment.keysets[1]!.down = true;
    await deployment.rotate();
    expect((await deployment.currentRecord()).keys[first!]).not.toHaveProperty('unreferenced_since');
    expect(deployment.metrics.of('keyset_source_failed')).toBeGreaterThan(0);
    deployment.keysets[1]!.down = false;
    await deployment.rotate();
    expect((await deployment.currentRecord()).keys[first!]).toHaveProperty('unreferenced_since');
  });

  test('KEKs that leave are on record, before and after', async () => {
    await deployment.bootstrap();
    const [first] = await deployment.kekIds();
    await months(3);
    expect(await deployment.kekIds()).toContain(first);
    deployment.audit.events.length = 0;
    await deployment.rotate();
    const { primary } = await deployment.currentRecord();
    expect(await deployment.kekIds()).not.toContain(first);
    const metadata = { operation: 'rotate_kek', kek_id: primary, dropped_kek_ids: first };
    expect(deployment.audit.events).toMatchObject([
      { event_type: 'rotate', success: null, metadata: { ...metadata, phase: 'intent' } },
      { event_type: 'rotate', success: true, metadata: { ...metadata, phase: 'outcome', outcome: 'written' } },
    ]);
  });
});

describe('keys that must not be lost', () => {
  test('a secret that holds no KEK while keysets exist is to be restored, not filled', async () => {
    await deployment.bootstrap();
    await deployment.store().removePending((await deployment.current()).versionId);
    await deployment.put(PLACEHOLDER);
    const token = await deployment.startRotation();
    await expect(deployment.rotation().run('createSecret', token)).rejects.toThrow('restore the secret');
  });

  test('nor is it filled where a region does not say whether it has keysets', async () => {
    await deployment.create();
    deployment.keysets[1]!.down = true;
    const token = await deployment.startRotation();
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
    const token = await deployment.startRotation();
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
    const token = await deployment.startRotation();
    await deployment.rotation().run('createSecret', token);
    deployment.keysets[2]!.down = true;
    await expect(deployment.rotation().run('finishSecret', token)).rejects.toThrow('not every region');
    deployment.keysets[2]!.down = false;
    await deployment.rotation().run('finishSecret', token);
    await deployment.expectAllOpen();
  });

  test('a secret that would grow beyond what the service takes: nothing is lost, and it goes on when KEKs may leave', async () => {
    await deployment.bootstrap();
    await deployment.store().removePending((await deployment.current()).versionId);
    let record = await deployment.currentRecord();
    const needed = new Set([record.primary]);
    const grow = () => nextKekSecret(record, randomUUID(), needed, deployment.clock.now(), testRandomness);
    for (let next = grow(); Buffer.byteLength(serializeKekSecret(next)) <= MAX_KEK_SECRET_BYTES; next = grow())
      record = next;
    await deployment.put(serializeKekSecret(record));
    const before = await deployment.current();
    const token = await deployment.startRotation();
    await expect(deployment.rotation().run('createSecret', token)).rejects.toThrow('too large');
    expect(deployment.metrics.of('kek_rotation_abandoned')).toBe(1);
    expect(await deployment.current()).toEqual(before);
    await deployment.expectAllOpen();
    const full = await deployment.kekIds();
    expect(full.length).toBeGreaterThan(200);
    deployment.clock.time += 41 * DAY_MS;
    await deployment.rotate();
    expect(await deployment.kekIds()).toHaveLength(3);
    const { metadata } = deployment.audit.events.at(-1)!;
    expect(metadata.dropped_kek_ids!.split(',')).toHaveLength(full.length - 2);
    await deployment.expectAllOpen();
  });
});
