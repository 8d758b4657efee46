import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KekFileStore, privateFiles, type KekFiles } from '../../../lambdas/adapters/local/kek-file-store';
import {
  newKekSecretRecord,
  parseKekSecret,
  parseKekSecretRecord,
  serializeKekSecret,
} from '../../../lambdas/core/crypto/kek-keyset';
import { newKeyset, verifyKeyset } from '../../../lambdas/core/keysets/dek-keyset';
import { nextKekSecret } from '../../../lambdas/core/kek-rotation/next-kek-secret';
import { newId } from '../../../lambdas/core/crypto/randomness';
import { rotateKekInProcess } from '../../../local/rotate-kek-in-process';
import {
  CountingMetrics,
  MemoryAudit,
  MemoryKeysets,
  TEST_START,
  TestClock,
  testRandomness,
} from '../../doubles/memory-ports';
import { RecordingFailures } from '../../doubles/recording-failures';
import { RecordingLogger } from '../../doubles/recording-logger';
import { until } from '../../until';
import { openLocalWorld, type LocalWorld } from './local-composition';
import { LocalProcess, temporaryHome } from './local-process';

/** The KEK of local mode rotates in its file. */

const REGION = 'us-east-1';
const KEY = 'sk-example-not-a-real-key';
const openai = '/v1/providers/openai';

const keksOf = (home: string) => parseKekSecretRecord(readFileSync(join(home, 'kek.json'), 'utf8'));

async function sweep({ composition }: LocalWorld): Promise<void> {
  expect(await composition.runtime.application.sweep()).toEqual([]);
}

test('the sweep rotates a KEK of 90 days, rewraps every keyset, and what was sealed opens, also after a restart', async () => {
  const { home, remove } = temporaryHome();
  let world = await openLocalWorld(home);
  const { clock } = world;
  try {
    const path = `${openai}/credentials/default`;
    expect((await world.call('PUT', path, { api_key: KEY })).status).toBe(201);
    const reveal = async () => (await world.call('POST', `${path}/reveal`)).body['api_key'];
    const first = keksOf(home);
    clock.forward({ days: 89 });
    await sweep(world);
    expect(keksOf(home)).toEqual(first);
    expect(readdirSync(home)).not.toContain('kek-versions.json');

    clock.forward({ days: 2 });
    await sweep(world);
    const second = keksOf(home);
    expect(second.primary).not.toBe(first.primary);
    expect(Object.keys(second.keys).sort()).toEqual([first.primary, second.primary].sort());
    expect(statSync(join(home, 'kek-versions.json')).mode & 0o777).toBe(0o600);
    expect(statSync(join(home, 'kek.json')).mode & 0o777).toBe(0o600);
    const { providers } = (await world.call('GET', '/v1/providers')).body as { providers: { kek_id: string }[] };
    expect(providers.map(({ kek_id }) => kek_id)).toEqual([second.primary, second.primary]);
    expect(await reveal()).toBe(KEY);

    await world.close();
    world = await openLocalWorld(home, clock);
    expect(await reveal()).toBe(KEY);
    // Twice more: a KEK that no keyset has named for 40 days leaves the file.
    for (const days of [91, 91]) {
      clock.forward({ days });
      await sweep(world);
    }
    expect(Object.keys(keksOf(home).keys)).not.toContain(first.primary);
    expect(await reveal()).toBe(KEY);
    expect(world.logger.lines.filter(({ level }) => level === 'error')).toEqual([]);
  } finally {
    await world.close();
    remove();
  }
});

test('nothing is rotated while the data directory is in doubt', async () => {
  const { home, remove } = temporaryHome();
  const world = await openLocalWorld(home);
  try {
    await world.composition.startWork();
    const ours = readFileSync(join(home, 'kek.json'), 'utf8');
    const others = serializeKekSecret(newKekSecretRecord(testRandomness, 0));
    writeFileSync(join(home, 'kek.json'), others);
    world.clock.forward({ days: 200 });
    const failures = await world.composition.runtime.application.sweep();
    expect(failures).toContainEqual({ part: 'kek', code: 'keys_unavailable' });
    expect(readFileSync(join(home, 'kek.json'), 'utf8')).toBe(others);
    expect(readdirSync(home)).not.toContain('kek-versions.json');
    writeFileSync(join(home, 'kek.json'), ours);
    world.clock.forward({ seconds: 60 });
    // The server's own sweep may be the one that rotates.
    await until('the KEK has rotated', async () => {
      await sweep(world);
      return keksOf(home).primary !== parseKekSecret(ours).primary.id;
    });
  } finally {
    await world.close();
    remove();
  }
});

test('a damaged file of versions ends a start in one sentence, and stays as it is', async () => {
  const { home, remove } = temporaryHome();
  try {
    const first = await LocalProcess.start(home);
    expect(await first.stop()).toBe(0);
    writeFileSync(join(home, 'kek-versions.json'), '{"schema":1,"versions":[', { mode: 0o600 });
    const second = await LocalProcess.start(home);
    expect(await second.stop()).toBe(1);
    expect(second.output).toContain('kek-versions.json is damaged: restore it from a backup, or move it away');
    expect(readFileSync(join(home, 'kek-versions.json'), 'utf8')).toBe('{"schema":1,"versions":[');
  } finally {
    remove();
  }
});

const removals: (() => void)[] = [];
afterEach(() => {
  for (const remove of removals.splice(0)) remove();
});

/** A data directory with one KEK, and keysets in memory; the rotation's process ends at one of its writes. */
function stage() {
  const { home, remove } = temporaryHome();
  removals.push(remove);
  mkdirSync(home, { mode: 0o700 });
  const path = join(home, 'kek.json');
  const record = newKekSecretRecord(testRandomness, TEST_START);
  writeFileSync(path, serializeKekSecret(record), { mode: 0o600 });
  const keysets = new MemoryKeysets(REGION);
  const { primary } = parseKekSecret(serializeKekSecret(record));
  for (const provider of ['openai', 'google']) {
    keysets.records.set(provider, newKeyset(provider, primary, TEST_START, testRandomness));
  }
  const clock = new TestClock();
  const whole = privateFiles(testRandomness);
  const rotation = (files: KekFiles = whole) => {
    const versionsPath = join(home, 'kek-versions.json');
    const store = new KekFileStore({ path, versionsPath, region: REGION, files, failures: new RecordingFailures() });
    const upkeep = rotateKekInProcess({
      region: REGION,
      store,
      replicas: [store],
      keysets,
      moves: { mayChange: () => Promise.resolve(true), assertMayChange: () => Promise.resolve() },
      auditSink: new MemoryAudit(),
      intervalDays: 90,
      clock,
      randomness: testRandomness,
      metrics: new CountingMetrics(),
      logger: new RecordingLogger(),
    });
    return { ...upkeep, store };
  };
  /** Ends at its write number `at`: before it, or after it and before its answer. */
  const ending = (at: number, arrives: boolean): { files: KekFiles; writes: () => number } => {
    let writes = 0;
    const dead = (): void => {
      if (writes >= at) throw new Error('the process has ended');
    };
    return {
      writes: () => writes,
      files: {
        ...whole,
        read: (from) => {
          dead();
          return whole.read(from);
        },
        replace: async (to, text) => {
          dead();
          writes += 1;
          if (writes < at || arrives) await whole.replace(to, text);
          dead();
        },
      },
    };
  };
  const assertOpens = (): void => {
    const keks = parseKekSecret(readFileSync(path, 'utf8'));
    for (const [provider, value] of keysets.records) verifyKeyset(value, provider, keks);
  };
  return { path, keysets, rotation, ending, assertOpens, first: primary.id };
}

test('a rotation that ends at any write, before or after it, goes on at the next sweep, and no KEK is lost', async () => {
  const counted = stage();
  const { files, writes } = counted.ending(Infinity, true);
  await counted.rotation(files).rotation.start();
  const total = writes();
  // Announced, counted, made, moved.
  expect(total).toBe(4);
  for (let at = 1; at <= total; at += 1) {
    for (const arrives of [false, true]) {
      const { rotation, ending, assertOpens, path, first, keysets } = stage();
      await expect(rotation(ending(at, arrives).files).rotation.start()).rejects.toMatchObject({
        code: at === total ? 'outcome_unknown' : 'store_unavailable',
      });
      assertOpens();
      const next = rotation();
      await next.rotation.start();
      const { versionId, value } = await next.secret.current();
      const { primary } = parseKekSecret(value);
      expect(await next.rewrapDeks({ secret_version_id: versionId, kek_id: primary.id })).toBe('done');
      assertOpens();
      expect(primary.id).not.toBe(first);
      expect([...keysets.records.values()].map((each) => (each as { kek_id: string }).kek_id)).toEqual([
        primary.id,
        primary.id,
      ]);
      expect(keksOf(join(path, '..')).keys).toHaveProperty(first);
    }
  }
});

test('a KEK file that was put back meanwhile ends the rotation that was built on another, and the next one starts afresh', async () => {
  const { path, rotation, first, assertOpens } = stage();
  const { store } = rotation();
  const { versionId, value } = await store.current();
  const token = newId(testRandomness);
  await store.begin(token);
  const next = nextKekSecret(parseKekSecretRecord(value), versionId, undefined, TEST_START, testRandomness);
  await store.putPending(token, serializeKekSecret(next));
  writeFileSync(path, value.replace('{', '{ '));
  await expect(rotation().rotation.start()).rejects.toMatchObject({
    message: 'the pending KEK secret is abandoned: it was built from another version',
  });
  await rotation().rotation.start();
  const { primary, keys } = keksOf(join(path, '..'));
  expect(Object.keys(keys).sort()).toEqual([first, primary].sort());
  expect(primary).not.toBe(next.primary);
  assertOpens();
});
