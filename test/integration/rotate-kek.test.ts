import { randomUUID } from 'node:crypto';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { SecretsManagerKekStore } from '../../lambdas/adapters/aws/secrets-manager-kek-store';
import { newKeyset, verifyKeyset, type KeysetRecord } from '../../lambdas/core/domain/dek-keyset';
import {
  MAX_KEK_SECRET_BYTES,
  parseKekSecret,
  parseKekSecretRecord,
  serializeKekSecret,
} from '../../lambdas/core/domain/kek-keyset';
import { nextKekSecret } from '../../lambdas/core/domain/next-kek-secret';
import { unwrapDek } from '../../lambdas/core/domain/wrapped-dek';
import type { Randomness } from '../../lambdas/core/domain/randomness';
import type { KekSecretStore, SecretVersion } from '../../lambdas/core/ports/kek-secret-store';
import type { RewrapQueue, RewrapRequest } from '../../lambdas/core/ports/rewrap-queue';
import { AuditTrail } from '../../lambdas/core/usecases/audit-trail';
import { createRewrapDeks } from '../../lambdas/core/usecases/rewrap-deks';
import { RotateKek, type RotationStep } from '../../lambdas/core/usecases/rotate-kek';
import { CountingMetrics, MemoryAudit, MemoryKeysets, TestClock, testRandomness } from '../doubles/memory-ports';
import { RecordingLogger } from '../doubles/recording-logger';
import { startSecretsManager, type RunningSecretsManager } from '../doubles/secrets-manager/start-secrets-manager';
import { OutsideCalls, type Interruption, type PlannedInterruption } from '../doubles/stop-the-world';

const HOME = 'us-east-1';
const REGIONS = [HOME, 'eu-west-1', 'ap-south-1'] as const;
const NAME = 'keyward/kek';
const LAMBDA = 'arn:aws:lambda:us-east-1:111111111111:function:rotate-kek';
const PLACEHOLDER = '{"schema":1}';
const STEPS: readonly RotationStep[] = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];
const PROVIDERS = ['openai', 'google'];

/** Three regions: the secret in the double, keysets in memory, one process that rotates and one that rewraps. */
class Deployment {
  readonly clock = new TestClock();
  readonly metrics = new CountingMetrics();
  readonly audit = new MemoryAudit();
  readonly keysets = REGIONS.map((region) => new MemoryKeysets(region));
  readonly messages: RewrapRequest[] = [];
  readonly client: SecretsManagerClient;
  calls = new OutsideCalls();
  /** Stands between the rotation and its secret, so that a test can make it lag or fail. */
  between: Partial<KekSecretStore> = {};
  randomness: Randomness = testRandomness;

  constructor(readonly running: RunningSecretsManager) {
    this.client = this.clientFor(HOME);
  }

  clientFor(region: string): SecretsManagerClient {
    return new SecretsManagerClient({
      region,
      endpoint: this.running.endpoint,
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example-not-a-secret' },
      maxAttempts: 1,
    });
  }

  async create(): Promise<void> {
    const AddReplicaRegions = REGIONS.slice(1).map((Region) => ({ Region }));
    await this.client.send(new CreateSecretCommand({ Name: NAME, SecretString: PLACEHOLDER, AddReplicaRegions }));
  }

  private trail(): AuditTrail {
    const { clock, metrics, audit } = this;
    return new AuditTrail({
      sink: this.calls.through(audit),
      clock,
      randomness: testRandomness,
      metrics,
      region: HOME,
    });
  }

  /** The secret as the rotation sees it. */
  private secret(): KekSecretStore {
    const store = this.store();
    return new Proxy<KekSecretStore>(store, {
      get: (_, name) => this.between[name as keyof KekSecretStore] ?? store[name as keyof KekSecretStore].bind(store),
    });
  }

  store(): SecretsManagerKekStore {
    return new SecretsManagerKekStore({ client: this.client, secretId: NAME, region: HOME });
  }

  rotation(): RotateKek {
    const queue: RewrapQueue = { send: async (message) => void this.messages.push(message) };
    return new RotateKek({
      secret: this.calls.through(this.secret()),
      keysets: this.keysets.map((store) => this.calls.through(store)),
      providers: PROVIDERS,
      queue: this.calls.through(queue),
      trail: this.trail(),
      clock: this.clock,
      randomness: this.randomness,
      metrics: this.metrics,
      logger: new RecordingLogger(),
    });
  }

  /** Serves the message that the rotation to this version has sent. */
  async rewrap(version: string): Promise<'done' | 'not_yet'> {
    const replicas = REGIONS.map((region) =>
      this.calls.through(new SecretsManagerKekStore({ client: this.clientFor(region), secretId: NAME, region })),
    );
    const [first, ...others] = replicas;
    const rewrap = createRewrapDeks({
      replicas: [first!, ...others],
      keysets: this.calls.through(this.keysets[0]!),
      providers: PROVIDERS,
      trail: this.trail(),
      randomness: testRandomness,
      metrics: this.metrics,
    });
    const result = await rewrap(this.messages.find((message) => message.secret_version_id === version)!);
    this.replicateKeysets();
    return result;
  }

  replicateKeysets(): void {
    for (const store of this.keysets.slice(1)) {
      for (const [provider, record] of this.keysets[0]!.records) store.records.set(provider, structuredClone(record));
    }
  }

  async current(region: string = HOME): Promise<{ versionId: string; text: string }> {
    const answer = await this.clientFor(region).send(new GetSecretValueCommand({ SecretId: NAME }));
    return { versionId: answer.VersionId!, text: answer.SecretString! };
  }

  /** RotateSecret announces a version; the test plays Secrets Manager's part of calling the steps. */
  async announce(): Promise<string> {
    this.running.service.rotations.functions.set(LAMBDA, () => Promise.reject(new Error('driven by the test')));
    const token = randomUUID();
    await this.client.send(
      new RotateSecretCommand({ SecretId: NAME, RotationLambdaARN: LAMBDA, ClientRequestToken: token }),
    );
    await this.running.service.rotations.settled();
    return token;
  }

  async rotate(): Promise<string> {
    const token = await this.announce();
    for (const step of STEPS) await this.rotation().run(step, token);
    return token;
  }

  /** A whole deployment after its first rotation, with a keyset for each provider. */
  async bootstrap(): Promise<void> {
    await this.create();
    await this.rotate();
    const { primary } = parseKekSecret((await this.current()).text);
    for (const provider of PROVIDERS) {
      this.keysets[0]!.records.set(provider, newKeyset(provider, primary, this.clock.now(), testRandomness));
    }
    this.replicateKeysets();
    this.messages.length = 0;
  }

  /** Every keyset of every region opens with what that region's Secrets Manager returns. */
  async expectAllOpen(): Promise<void> {
    for (const store of this.keysets) {
      const keks = parseKekSecret((await this.current(store.region)).text);
      for (const [provider, value] of store.records) {
        const record = verifyKeyset(value, provider, keks);
        for (const [number, version] of Object.entries(record.versions)) {
          unwrapDek(keks.keks.get(record.kek_id)!, provider, Number(number), version.encrypted_dek!);
        }
      }
    }
  }

  async kekIds(): Promise<string[]> {
    return Object.keys(parseKekSecretRecord((await this.current()).text).keys);
  }
}

let running: RunningSecretsManager;
let deployment: Deployment;

const startDeployment = async (): Promise<void> => {
  deployment = new Deployment((running = await startSecretsManager(() => deployment.clock.now())));
};
beforeEach(startDeployment);
afterEach(() => running.close());

describe('a rotation as it should be', () => {
  test('the first one makes the first KEK from the placeholder', async () => {
    await deployment.create();
    const placeholder = await deployment.current();
    const token = await deployment.rotate();
    const { versionId, text } = await deployment.current();
    expect(versionId).toBe(token);
    expect(parseKekSecretRecord(text)).toMatchObject({ schema: 1, parent_version_id: placeholder.versionId });
    expect(deployment.messages).toEqual([{ secret_version_id: token, kek_id: parseKekSecretRecord(text).primary }]);
  });

  test('each later one keeps every KEK and puts a new primary in front; the rewrap moves every keyset', async () => {
    await deployment.bootstrap();
    const before = await deployment.kekIds();
    const token = await deployment.rotate();
    const { text } = await deployment.current();
    const { primary, keys } = parseKekSecretRecord(text);
    expect(Object.keys(keys)).toEqual(expect.arrayContaining(before));
    expect(before).not.toContain(primary);
    expect(keys[before[0]!]).toMatchObject({ state: 'unwrap_only', retired_at: expect.any(String) });
    await deployment.expectAllOpen();
    expect(await deployment.rewrap(token)).toBe('done');
    await deployment.expectAllOpen();
    const moved = [...deployment.keysets[0]!.records.values()] as KeysetRecord[];
    expect(moved.map((record) => [record.kek_id, record.revision])).toEqual([
      [primary, 2],
      [primary, 2],
    ]);
    expect(await deployment.rewrap(token)).toBe('done');
    expect((deployment.keysets[0]!.records.get('openai') as KeysetRecord).revision).toBe(2);
  });

  test('intent and outcome are on record before anybody is told', async () => {
    await deployment.bootstrap();
    deployment.audit.events.length = 0;
    const token = await deployment.rotate();
    expect(deployment.audit.events).toMatchObject([
      { event_type: 'rotate', provider: null, success: null, metadata: { phase: 'intent', write_id: token } },
      { event_type: 'rotate', success: true, metadata: { phase: 'outcome', outcome: 'written', write_id: token } },
    ]);
  });

  test('nothing is rewrapped until every region returns the new version', async () => {
    await deployment.bootstrap();
    running.service.replication.setLag('ap-south-1', Infinity);
    const token = await deployment.rotate();
    expect(await deployment.rewrap(token)).toBe('not_yet');
    await deployment.expectAllOpen();
    running.service.replication.release('ap-south-1');
    expect(await deployment.rewrap(token)).toBe('done');
    await deployment.expectAllOpen();
  });
});

describe('steps twice, late, out of order, for the wrong token', () => {
  test.each(STEPS)('%s twice', async (repeated) => {
    await deployment.bootstrap();
    const token = await deployment.announce();
    for (const step of STEPS) {
      await deployment.rotation().run(step, token);
      if (step === repeated) await deployment.rotation().run(step, token);
    }
    expect((await deployment.current()).versionId).toBe(token);
    await deployment.expectAllOpen();
  });

  test('a second createSecret keeps the bytes of the first', async () => {
    await deployment.bootstrap();
    const token = await deployment.announce();
    const value = () => deployment.store().value(token);
    await deployment.rotation().run('createSecret', token);
    const first = await value();
    await deployment.rotation().run('createSecret', token);
    expect(await value()).toBe(first);
  });

  test('two createSecrets at once end with one value', async () => {
    await deployment.bootstrap();
    const token = await deployment.announce();
    await Promise.all([1, 2].map(() => deployment.rotation().run('createSecret', token)));
    for (const step of STEPS.slice(1)) await deployment.rotation().run(step, token);
    await deployment.expectAllOpen();
  });

  test.each([
    ['testSecret before createSecret is tolerated as a trial', 'testSecret'],
    ['finishSecret before createSecret fails', 'finishSecret'],
  ] as const)('%s', async (_, step) => {
    await deployment.bootstrap();
    const before = await deployment.current();
    const token = await deployment.announce();
    const run = deployment.rotation().run(step, token);
    await (step === 'testSecret' ? run : expect(run).rejects.toThrow('not readable'));
    expect(await deployment.current()).toEqual(before);
  });

  test('finishSecret without testSecret tests all the same', async () => {
    await deployment.bootstrap();
    const token = await deployment.announce();
    const { text } = await deployment.current();
    const foreign = serializeKekSecret({ ...parseKekSecretRecord(text), parent_version_id: 'another' });
    await deployment.client.send(
      new PutSecretValueCommand({
        SecretId: NAME,
        ClientRequestToken: token,
        SecretString: foreign,
        VersionStages: ['AWSPENDING'],
      }),
    );
    await expect(deployment.rotation().run('finishSecret', token)).rejects.toThrow('another version');
    expect((await deployment.current()).text).toBe(text);
    await deployment.rotate();
    await deployment.expectAllOpen();
  });

  test('a token that is current, was current, or was never announced', async () => {
    await deployment.bootstrap();
    const first = await deployment.rotate();
    const second = await deployment.rotate();
    deployment.messages.length = 0;
    for (const token of [first, second]) {
      for (const step of STEPS) await deployment.rotation().run(step, token);
    }
    const message = {
      secret_version_id: second,
      kek_id: parseKekSecretRecord((await deployment.current()).text).primary,
    };
    expect(deployment.messages).toEqual([message, message]);
    for (const step of STEPS) {
      await expect(deployment.rotation().run(step, randomUUID())).rejects.toThrow('not AWSPENDING');
    }
    expect((await deployment.current()).versionId).toBe(second);
  });

  test('a fresh AWSPENDING that cannot be read for a moment', async () => {
    await deployment.bootstrap();
    const token = await deployment.announce();
    await deployment.rotation().run('createSecret', token);
    running.service.pendingHiddenFor = { readsByStage: 100, readsByVersionId: 2 };
    await deployment.rotation().run('testSecret', token);
    await deployment.rotation().run('finishSecret', token);
    expect((await deployment.current()).versionId).toBe(token);
  });
});

describe('what may not become current', () => {
  const put = async (token: string, value: string): Promise<void> => {
    await deployment.client.send(
      new PutSecretValueCommand({
        SecretId: NAME,
        ClientRequestToken: token,
        SecretString: value,
        VersionStages: ['AWSPENDING'],
      }),
    );
  };

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

  test.each(['', 'not JSON', '{"schema":1}', '{"schema":1,"keys":{}}'])('a pending value of %j', async (value) => {
    await deployment.bootstrap();
    const token = await deployment.announce();
    await put(token, value === '' ? ' ' : value);
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
    const old = parseKekSecretRecord((await deployment.current()).text).primary;
    const token = await deployment.announce();
    await deployment.rotation().run('createSecret', token);
    const store = deployment.store();
    const record = parseKekSecretRecord((await store.value(token))!);
    const edited = serializeKekSecret({ ...record, keys: edit(record.keys, old) as never });
    await store.removePending(token);
    const second = await deployment.announce();
    await put(second, edited);
    await expect(deployment.rotation().run('testSecret', second)).rejects.toThrow();
    await expect(deployment.rotation().run('finishSecret', second)).rejects.toThrow();
    await deployment.rotate();
    await deployment.expectAllOpen();
  });

  test('a current value that is damaged is never built on', async () => {
    await deployment.create();
    await deployment.client.send(new PutSecretValueCommand({ SecretId: NAME, SecretString: '{"schema":1,"keys":7}' }));
    const token = await deployment.announce();
    await expect(deployment.rotation().run('createSecret', token)).rejects.toMatchObject({ reason: 'kek_damaged' });
  });

  test('a keyset that was damaged before raises an alarm and blocks nothing', async () => {
    await deployment.bootstrap();
    const record = deployment.keysets[0]!.records.get('google') as KeysetRecord;
    deployment.keysets[0]!.records.set('google', { ...record, revision: 99 });
    const token = await deployment.rotate();
    expect((await deployment.current()).versionId).toBe(token);
    expect(deployment.metrics.of('keyset_damaged')).toBeGreaterThan(0);
    await deployment.rewrap(token);
    expect((deployment.keysets[0]!.records.get('openai') as KeysetRecord).revision).toBe(2);
  });
});

describe('a KEK leaves', () => {
  const DAY_MS = 86_400_000;

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

describe('interrupted at every single outside call', () => {
  /** Rotates and rewraps with interruptions; Secrets Manager and the queue call again until it is done. */
  async function survive(plan: readonly PlannedInterruption[]): Promise<number> {
    const calls = (deployment.calls = new OutsideCalls(plan));
    const before = await deployment.kekIds();
    const token = await deployment.announce();
    const retried = async <T>(run: () => Promise<T>): Promise<T> => {
      for (let attempt = 0; ; attempt += 1) {
        try {
          return await run();
        } catch (thrown) {
          if (attempt === 3) throw thrown;
          calls.restart();
        }
      }
    };
    for (const step of STEPS) await retried(() => deployment.rotation().run(step, token));
    expect(deployment.messages.length).toBeGreaterThan(0);
    for (const message of deployment.messages) await retried(() => deployment.rewrap(message.secret_version_id));
    deployment.calls = new OutsideCalls();
    expect((await deployment.current()).versionId).toBe(token);
    expect(await deployment.kekIds()).toEqual(expect.arrayContaining(before));
    await deployment.expectAllOpen();
    for (const record of deployment.keysets[0]!.records.values() as Iterable<KeysetRecord>) {
      expect(record.kek_id).toBe(parseKekSecretRecord((await deployment.current()).text).primary);
    }
    return calls.count;
  }

  test.each(['before', 'after', 'twice'] as const)(
    '%s: N of N recover',
    async (how) => {
      await deployment.bootstrap();
      const total = await survive([]);
      let recovered = 0;
      for (let at = 0; at < total; at += 1) {
        deployment.messages.length = 0;
        await survive([{ at, how }]);
        recovered += 1;
      }
      expect(total).toBeGreaterThan(40);
      expect(recovered).toBe(total);
    },
    240_000,
  );

  test('by pairs: the second interruption meets what the first has left', async () => {
    await deployment.bootstrap();
    const total = await survive([]);
    const kinds: readonly Interruption[] = ['before', 'after', 'twice'];
    let survived = 0;
    for (let first = 0; first < total; first += 1) {
      // A secret takes 100 versions a day.
      await running.close();
      await startDeployment();
      await deployment.bootstrap();
      // Every distance comes, a quarter of them for each first call: all pairs would take minutes.
      for (let distance = 1 + (first % 4); first + distance < total; distance += 4) {
        deployment.messages.length = 0;
        await survive([
          { at: first, how: kinds[(first + distance) % 3]! },
          { at: first + distance, how: kinds[Math.floor(distance / 3) % 3]! },
        ]);
        survived += 1;
      }
    }
    expect(survived).toBeGreaterThan(200);
  }, 240_000);
});

/** Every order of the steps. */
const orders = <T>(members: readonly T[]): readonly (readonly T[])[] =>
  members.length < 2
    ? [members]
    : members.flatMap((first) => orders(members.filter((each) => each !== first)).map((rest) => [first, ...rest]));

test('steps in every order: what cannot be done yet fails, and the right order still ends well', async () => {
  await deployment.bootstrap();
  for (const order of orders(STEPS)) {
    const before = await deployment.kekIds();
    const token = await deployment.announce();
    for (const step of order)
      await deployment
        .rotation()
        .run(step, token)
        .catch(() => undefined);
    await Promise.all(
      order.map((step) =>
        deployment
          .rotation()
          .run(step, token)
          .catch(() => undefined),
      ),
    );
    for (const step of STEPS) await deployment.rotation().run(step, token);
    expect((await deployment.current()).versionId).toBe(token);
    expect(await deployment.kekIds()).toEqual(expect.arrayContaining(before));
    await deployment.expectAllOpen();
  }
});

describe('a service that lags, loses answers and refuses', () => {
  /** The description as it is now, given out for the next so many reads. */
  const lagFor = async (reads: number): Promise<void> => {
    const stale = await deployment.store().versions();
    let left = reads;
    deployment.between.versions = () => (left-- > 0 ? Promise.resolve(stale) : deployment.store().versions());
  };

  const pending = async (): Promise<string> => {
    const token = await deployment.announce();
    await deployment.rotation().run('createSecret', token);
    return token;
  };

  test('a repeated finishSecret that sees the description from before the first', async () => {
    await deployment.bootstrap();
    const token = await pending();
    await lagFor(3);
    await deployment.rotation().run('finishSecret', token);
    await deployment.rotation().run('finishSecret', token);
    expect(deployment.messages).toHaveLength(2);
    expect((await deployment.current()).versionId).toBe(token);
    expect(deployment.metrics.of('kek_rotation_abandoned')).toBe(0);
  });

  test('a description that lags for long leaves everything as it is', async () => {
    await deployment.bootstrap();
    const token = await pending();
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
    const token = await pending();
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

  test.each([
    ['carried out', 'drop_answer', true],
    ['never made', 'refuse', false],
  ] as const)('a move of AWSCURRENT whose answer was lost, and that was %s', async (_, kind, isDone) => {
    await deployment.bootstrap();
    const token = await pending();
    running.faults.plant({ effect: { kind }, operation: 'UpdateSecretVersionStage', times: 1 });
    const run = deployment.rotation().run('finishSecret', token);
    await (isDone ? run : expect(run).rejects.toMatchObject({ code: 'outcome_unknown' }));
    await deployment.rotation().run('finishSecret', token);
    expect((await deployment.current()).versionId).toBe(token);
    await deployment.expectAllOpen();
  });

  test('another version that becomes current between the check and the move', async () => {
    await deployment.bootstrap();
    const { versionId, text } = await deployment.current();
    const token = await pending();
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
    await deployment.client.send(new PutSecretValueCommand({ SecretId: NAME, SecretString: restored }));
    await expect(deployment.announce()).rejects.toThrow("previous rotation isn't complete");
    await expect(deployment.rotation().run('testSecret', old)).rejects.toThrow('another version');
    await deployment.rotate();
    await deployment.expectAllOpen();
  });

  test.each(['createSecret', 'finishSecret'] as const)(
    '%s where nothing is current, or it cannot be read',
    async (step) => {
      await deployment.bootstrap();
      const token = await deployment.announce();
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
    const token = await deployment.announce();
    deployment.between = {
      putPending: async () => 'exists',
      value: async (id) => (id === token ? undefined : deployment.store().value(id)),
    };
    await expect(deployment.rotation().run('createSecret', token)).rejects.toThrow('not readable yet');
  });

  test('a bug in a check abandons nothing', async () => {
    await deployment.bootstrap();
    const token = await pending();
    deployment.randomness = {
      publicBytes: () => {
        throw new TypeError('a bug');
      },
      secretBytes: (size) => testRandomness.secretBytes(size),
    };
    await expect(deployment.rotation().run('testSecret', token)).rejects.toThrow(TypeError);
    expect(deployment.metrics.of('kek_rotation_abandoned')).toBe(0);
  });
});

describe('keys that must not be lost', () => {
  test('a secret that holds no KEK while keysets exist is to be restored, not filled', async () => {
    await deployment.bootstrap();
    await deployment.store().removePending((await deployment.current()).versionId);
    await deployment.client.send(new PutSecretValueCommand({ SecretId: NAME, SecretString: PLACEHOLDER }));
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
    deployment.clock.time += 41 * 86_400_000;
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
    let record = parseKekSecretRecord((await deployment.current()).text);
    const grow = () => nextKekSecret(record, randomUUID(), undefined, deployment.clock.now(), testRandomness);
    for (let next = grow(); Buffer.byteLength(serializeKekSecret(next)) <= MAX_KEK_SECRET_BYTES; next = grow())
      record = next;
    await deployment.client.send(
      new PutSecretValueCommand({ SecretId: NAME, SecretString: serializeKekSecret(record) }),
    );
    const token = await deployment.announce();
    await expect(deployment.rotation().run('createSecret', token)).rejects.toThrow('too big');
    await deployment.expectAllOpen();
  });
});
