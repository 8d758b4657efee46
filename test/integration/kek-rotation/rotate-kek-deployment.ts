import { randomUUID } from 'node:crypto';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { SecretsManagerKekStore } from '../../../lambdas/adapters/aws/secrets-manager/secrets-manager-kek-store';
import { newKeyset, verifyKeyset } from '../../../lambdas/core/keysets/dek-keyset';
import type { KeysetRecord } from '../../../lambdas/core/keysets/keyset-record';
import {
  newKekSecretRecord,
  parseKekSecret,
  parseKekSecretRecord,
  serializeKekSecret,
  type KekSecretRecord,
} from '../../../lambdas/core/crypto/kek-keyset';
import type { Randomness } from '../../../lambdas/core/crypto/randomness';
import { unwrapDek } from '../../../lambdas/core/crypto/wrapped-dek';
import type { KekSecretStore } from '../../../lambdas/core/kek-rotation/ports/kek-secret-store';
import type { RewrapQueue, RewrapRequest } from '../../../lambdas/core/kek-rotation/ports/rewrap-queue';
import { AuditTrail } from '../../../lambdas/core/audit/audit-trail';
import { createRewrapDeks } from '../../../lambdas/core/kek-rotation/rewrap-deks';
import { RotateKek, type KekRotationStep } from '../../../lambdas/core/kek-rotation/rotate-kek';
import { CountingMetrics, MemoryAudit, MemoryKeysets, TestClock, testRandomness } from '../../doubles/memory-ports';
import { RecordingLogger } from '../../doubles/recording-logger';
import { inProcessClient } from '../../doubles/secrets-manager/in-process-client';
import { SecretsManagerService } from '../../doubles/secrets-manager/secrets-manager-service';
import { startSecretsManager, type RunningSecretsManager } from '../../doubles/secrets-manager/start-secrets-manager';
import { OutsideCalls } from '../../doubles/stop-the-world';

export const HOME = 'us-east-1';
const REGIONS = [HOME, 'eu-west-1', 'ap-south-1'] as const;
export const NAME = 'keyward/kek';
export const LAMBDA = 'arn:aws:lambda:us-east-1:111111111111:function:rotate-kek';
export const PLACEHOLDER = '{"schema":1}';
export const STEPS: readonly KekRotationStep[] = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];
const PROVIDERS = ['openai', 'google'];
export const DAY_MS = 86_400_000;

/** Three regions: the secret in the double, keysets in memory, one process that rotates and one that rewraps. */
export class Deployment {
  readonly metrics = new CountingMetrics();
  readonly audit = new MemoryAudit();
  readonly logger = new RecordingLogger();
  readonly keysets = REGIONS.map((region) => new MemoryKeysets(region));
  readonly messages: RewrapRequest[] = [];
  /** Of the home region. */
  readonly client: SecretsManagerClient;
  calls: Pick<OutsideCalls, 'through'> = new OutsideCalls();
  /** Is between the rotation and its secret, so that a test can make it lag or fail. */
  between: Partial<KekSecretStore> = {};
  /** Of the next process. */
  randomness: () => Randomness = () => testRandomness;
  newToken: () => string = randomUUID;
  private readonly clients: ReadonlyMap<string, SecretsManagerClient>;

  constructor(
    readonly service: SecretsManagerService,
    readonly clock: TestClock,
    clientFor: (region: string) => SecretsManagerClient,
  ) {
    this.clients = new Map(REGIONS.map((region) => [region, clientFor(region)]));
    this.client = this.clientFor(HOME);
  }

  clientFor(region: string): SecretsManagerClient {
    return this.clients.get(region)!;
  }

  async create(SecretString = PLACEHOLDER): Promise<void> {
    const AddReplicaRegions = REGIONS.slice(1).map((Region) => ({ Region }));
    const ClientRequestToken = this.newToken();
    await this.client.send(
      new CreateSecretCommand({ Name: NAME, SecretString, AddReplicaRegions, ClientRequestToken }),
    );
  }

  private trail(randomness: Randomness): AuditTrail {
    const { clock, metrics, audit } = this;
    return new AuditTrail({ sink: this.calls.through(audit), clock, randomness, metrics, region: HOME });
  }

  /** The secret as the rotation sees it. */
  private secret(): KekSecretStore {
    const store = this.store();
    return new Proxy<KekSecretStore>(store, {
      get: (_, name) => this.between[name as keyof KekSecretStore] ?? store[name as keyof KekSecretStore].bind(store),
    });
  }

  store(region: string = HOME): SecretsManagerKekStore {
    return new SecretsManagerKekStore({ client: this.clientFor(region), secretId: NAME, region });
  }

  /** A process that rotates. */
  rotation(): RotateKek {
    const randomness = this.randomness();
    const queue: RewrapQueue = { send: async (message) => void this.messages.push(message) };
    return new RotateKek({
      secret: this.calls.through(this.secret()),
      keysets: this.keysets.map((store) => this.calls.through(store)),
      queue: this.calls.through(queue),
      trail: this.trail(randomness),
      clock: this.clock,
      randomness,
      metrics: this.metrics,
      logger: this.logger,
    });
  }

  /** Serves the message that the rotation to this version has sent, in a separate process. */
  async rewrap(version: string): Promise<'done' | 'not_yet'> {
    const randomness = this.randomness();
    const [first, ...others] = REGIONS.map((region) => this.calls.through(this.store(region)));
    const rewrap = createRewrapDeks({
      replicas: [first!, ...others],
      keysets: this.calls.through(this.keysets[0]!),
      scanners: this.keysets.map((store) => this.calls.through(store)),
      trail: this.trail(randomness),
      randomness,
      metrics: this.metrics,
      logger: this.logger,
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

  keyset(provider: string): KeysetRecord {
    return this.keysets[0]!.records.get(provider) as KeysetRecord;
  }

  async current(region: string = HOME): Promise<{ versionId: string; text: string }> {
    const answer = await this.clientFor(region).send(new GetSecretValueCommand({ SecretId: NAME }));
    return { versionId: answer.VersionId!, text: answer.SecretString! };
  }

  async currentRecord(): Promise<KekSecretRecord> {
    return parseKekSecretRecord((await this.current()).text);
  }

  async kekIds(): Promise<string[]> {
    return Object.keys((await this.currentRecord()).keys);
  }

  /** PutSecretValue by another client: under AWSPENDING with a rotation's token, or else as AWSCURRENT. */
  async put(value: string, token?: string): Promise<string> {
    const under = token === undefined ? {} : { ClientRequestToken: token, VersionStages: ['AWSPENDING'] };
    const command = new PutSecretValueCommand({ SecretId: NAME, SecretString: value, ...under });
    return (await this.client.send(command)).VersionId!;
  }

  /** RotateSecret announces a version; the test plays Secrets Manager's part of calling the steps. */
  async startRotation(): Promise<string> {
    this.service.rotations.functions.set(LAMBDA, () => Promise.reject(new Error('driven by the test')));
    const token = this.newToken();
    await this.client.send(
      new RotateSecretCommand({ SecretId: NAME, RotationLambdaARN: LAMBDA, ClientRequestToken: token }),
    );
    await this.service.rotations.settled();
    return token;
  }

  /** A rotation after its first step. */
  async pending(): Promise<string> {
    const token = await this.startRotation();
    await this.rotation().run('createSecret', token);
    return token;
  }

  async rotate(): Promise<string> {
    const token = await this.startRotation();
    for (const step of STEPS) await this.rotation().run(step, token);
    return token;
  }

  /** A whole deployment after its first rotation, with a keyset for each provider. */
  async bootstrap(): Promise<void> {
    await this.create();
    await this.rotate();
    await this.makeKeysets();
  }

  /** As {@link bootstrap}, without a rotation run. */
  async startWithKek(): Promise<void> {
    await this.create(serializeKekSecret(newKekSecretRecord(this.randomness(), this.clock.now())));
    await this.makeKeysets();
  }

  private async makeKeysets(): Promise<void> {
    const { primary } = parseKekSecret((await this.current()).text);
    for (const provider of PROVIDERS) {
      this.keysets[0]!.records.set(provider, newKeyset(provider, primary, this.clock.now(), this.randomness()));
    }
    this.replicateKeysets();
    this.messages.length = 0;
  }

  /**
   * Opens every keyset of every region with what that region's Secrets Manager returns as current.
   *
   * @returns the DEKs of home, by provider and version
   */
  async openAll(): Promise<ReadonlyMap<string, string>> {
    const deks = new Map<string, string>();
    for (const store of this.keysets) {
      const keks = parseKekSecret((await this.current(store.region)).text);
      for (const [provider, value] of store.records) {
        const record = verifyKeyset(value, provider, keks);
        for (const [number, version] of Object.entries(record.versions)) {
          const { key } = unwrapDek(keks.keks.get(record.kek_id)!, provider, Number(number), version.encrypted_dek!);
          if (store.region === HOME) deks.set(`${provider} ${number}`, key.export().toString('base64'));
        }
      }
    }
    return deks;
  }

  async expectAllOpen(): Promise<void> {
    expect((await this.openAll()).size).toBeGreaterThan(0);
  }
}

/** A deployment whose Secrets Manager is reached over HTTP by the real SDK. The caller closes `running`. */
export async function startDeployment(
  attempts = 1,
): Promise<{ running: RunningSecretsManager; deployment: Deployment }> {
  const clock = new TestClock();
  const running = await startSecretsManager(() => clock.now());
  const clientFor = (region: string) =>
    new SecretsManagerClient({
      region,
      endpoint: running.endpoint,
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example-not-a-secret' },
      maxAttempts: attempts,
    });
  return { running, deployment: new Deployment(running.service, clock, clientFor) };
}

/** A deployment within this process: the same adapter and the same double, without HTTP and the SDK's client between them. */
export function inProcessDeployment(): Deployment {
  const clock = new TestClock();
  const service = new SecretsManagerService(() => clock.now());
  return new Deployment(service, clock, (region) => inProcessClient(service, region));
}
