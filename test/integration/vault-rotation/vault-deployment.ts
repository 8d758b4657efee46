import { createAppRoleLogin } from '../../../lambdas/adapters/vault/vault-login';
import { openVault } from '../../../lambdas/adapters/vault/open-vault';
import { VaultKekStore } from '../../../lambdas/adapters/vault/vault-kek-store';
import type { VaultRequest, VaultTransport } from '../../../lambdas/adapters/vault/vault-transport';
import { AuditTrail } from '../../../lambdas/core/audit/audit-trail';
import { newKekSecretRecord, parseKekSecret, serializeKekSecret } from '../../../lambdas/core/crypto/kek-keyset';
import { unwrapDek } from '../../../lambdas/core/crypto/wrapped-dek';
import { KekRotationDriver } from '../../../lambdas/core/kek-rotation/kek-rotation-driver';
import { createRewrapDeks } from '../../../lambdas/core/kek-rotation/rewrap-deks';
import { RotateKek } from '../../../lambdas/core/kek-rotation/rotate-kek';
import { newKeyset, verifyKeyset } from '../../../lambdas/core/keysets/dek-keyset';
import type { KeysetRecord } from '../../../lambdas/core/keysets/keyset-record';
import { ROTATOR_POLICY } from '../../contract/vault/vault-under-test';
import { CountingMetrics, MemoryAudit, MemoryKeysets, TestClock, testRandomness } from '../../doubles/memory-ports';
import { RecordingFailures } from '../../doubles/recording-failures';
import { RecordingLogger } from '../../doubles/recording-logger';
import { VaultService, type ServiceReply } from '../../doubles/vault/vault-service';

const HOME = 'us-east-1';
const REPLICA = 'eu-west-1';
const MOUNT = 'secret';
const PATH = 'keyward/kek';
const ROLE = 'keyward';
const FIRST = 'first-version-'.padEnd(32, '0');
const PROVIDERS = ['openai', 'google'];
const HOUR_MS = 3_600_000;

/** Puts something between a process and its ports. */
export interface Between {
  readonly through: <P extends object>(port: P) => P;
}

export const NOTHING_BETWEEN: Between = { through: (port) => port };

/**
 * Two regions with one Vault: the replica's answers may lag. The double is called without HTTP, keysets and audit log are in
 * memory, and adapters and use cases are the real ones. Each request to Vault is an outside call.
 */
export class VaultDeployment {
  readonly clock = new TestClock();
  readonly service = new VaultService(() => this.clock.now());
  readonly metrics = new CountingMetrics();
  readonly audit = new MemoryAudit();
  readonly logger = new RecordingLogger();
  readonly keysets = [HOME, REPLICA].map((region) => new MemoryKeysets(region));
  /** Every value that was current, in order, each seen right after its write. */
  readonly seen: string[] = [];
  private readonly roleId: string;
  private readonly secretId: string;
  private lagging: ReadonlyMap<string, ServiceReply> | undefined;

  constructor() {
    for (const end of ['', '-pending']) {
      this.admin('POST', `${MOUNT}/metadata/${PATH}${end}`, { cas_required: true, max_versions: 10 });
    }
    this.admin('POST', `sys/policies/acl/${ROLE}`, { policy: ROTATOR_POLICY(MOUNT, PATH) });
    this.admin('POST', `auth/approle/role/${ROLE}`, { token_policies: ROLE, token_ttl: '20m' });
    this.roleId = this.admin('GET', `auth/approle/role/${ROLE}/role-id`)['role_id'] as string;
    this.secretId = this.admin('POST', `auth/approle/role/${ROLE}/secret-id`)['secret_id'] as string;
    const value = serializeKekSecret(newKekSecretRecord(testRandomness, this.clock.now()));
    this.admin('POST', this.data(), { options: { cas: 0 }, data: { token: FIRST, keyset: value } });
    const { primary } = parseKekSecret(value);
    for (const provider of PROVIDERS) {
      this.keysets[0]!.records.set(provider, newKeyset(provider, primary, this.clock.now(), testRandomness));
    }
    this.replicateKeysets();
  }

  data(end = ''): string {
    return `${MOUNT}/data/${PATH}${end}`;
  }

  admin(method: string, path: string, body: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
    const reply = this.service.call({ ...asked(method, path, body), token: this.service.tokens.root });
    return ((reply.body as { data?: unknown } | undefined)?.data ?? {}) as Record<string, unknown>;
  }

  /** From now on the replica answers reads as it would now. */
  lag(): void {
    const paths = [this.data(), this.data('-pending')];
    const token = this.service.tokens.root;
    this.lagging = new Map(paths.map((path) => [path, this.service.call({ ...asked('GET', path, {}), token })]));
  }

  catchUp(): void {
    this.lagging = undefined;
  }

  /** Delivers a request to Vault as the network does, however late. */
  deliver(request: VaultRequest): ServiceReply {
    const { method, path, token, body } = request;
    const reply = this.service.call({ ...asked(method, path, (body ?? {}) as Record<string, unknown>), token });
    if (method === 'POST' && path === this.data()) this.noteCurrent();
    return reply;
  }

  private noteCurrent(): void {
    const { keyset } = this.current();
    if (keyset !== this.seen.at(-1)) this.seen.push(keyset);
  }

  private transport(region: string): VaultTransport {
    return {
      send: (request) => {
        const late = region === HOME || request.method === 'POST' ? undefined : this.lagging?.get(request.path);
        const { status, body } = late ?? this.deliver(request);
        return Promise.resolve({ status, text: body === undefined ? '' : JSON.stringify(body) });
      },
    };
  }

  /**
   * One run of the sweep's part for the KEK, in a new process, which is not logged in yet. It begins a rotation if the KEK is the
   * first one.
   *
   * @param more rotations that somebody asks for beside it
   */
  async hour(between: Between = NOTHING_BETWEEN, more = 0): Promise<void> {
    const { clock, metrics, logger } = this;
    const randomness = testRandomness;
    const [home, replica] = [HOME, REPLICA].map((region) => this.storeIn(region, between));
    const keysets = this.keysets.map((store) => between.through(store));
    const trail = new AuditTrail({ sink: between.through(this.audit), clock, randomness, metrics, region: HOME });
    const shared = { clock, randomness, metrics, logger, trail };
    const rewrapDeks = createRewrapDeks({
      ...shared,
      replicas: [home!, replica!],
      keysets: keysets[0]!,
      scanners: keysets,
    });
    const queue = {
      send: async (request: Parameters<typeof rewrapDeks>[0]) => {
        await rewrapDeks(request);
      },
    };
    const rotateKek = new RotateKek({ ...shared, secret: home!, keysets, queue });
    const driver = new KekRotationDriver({ ...shared, secret: home!, rotateKek });
    await driver.resume();
    const { versionId, value } = await home!.current();
    if (versionId === FIRST) await driver.start();
    for (let count = 0; count < more; count += 1) await driver.start();
    await rewrapDeks({ secret_version_id: versionId, kek_id: parseKekSecret(value).primary.id });
    this.replicateKeysets();
  }

  /** Hours in which nothing fails, until every keyset is under a KEK that is newer than the first one. */
  async recover(most: number): Promise<number> {
    this.catchUp();
    for (let hours = 1; hours <= most; hours += 1) {
      this.clock.time += HOUR_MS;
      await this.hour().catch(() => undefined);
      this.replicateKeysets();
      const { token, keyset } = this.current();
      const { id } = parseKekSecret(keyset).primary;
      const records = [...this.keysets[0]!.records.values()] as KeysetRecord[];
      if (token !== FIRST && records.every((record) => record.kek_id === id)) return hours;
    }
    throw new Error(`the rotation is not over after ${most} hours`);
  }

  private storeIn(region: string, between: Between): VaultKekStore {
    const access = openVault({
      transport: between.through(this.transport(region)),
      region,
      login: () => createAppRoleLogin(this.roleId, () => Promise.resolve(this.secretId)),
      kekPath: `${MOUNT}/${PATH}`,
      clock: this.clock,
      failures: new RecordingFailures(),
    });
    return new VaultKekStore(access);
  }

  private replicateKeysets(): void {
    const [home, ...others] = this.keysets;
    for (const other of others) {
      for (const [provider, record] of home!.records) other.records.set(provider, structuredClone(record));
    }
  }

  current(): { readonly token: string; readonly keyset: string } {
    const { data } = this.admin('GET', this.data());
    return data as { token: string; keyset: string };
  }

  /** Opens every DEK of every region with what is current at home. */
  openAll(): ReadonlyMap<string, string> {
    const keks = parseKekSecret(this.current().keyset);
    return new Map(
      this.keysets.flatMap(({ region, records }) =>
        [...records].flatMap(([provider, value]) => {
          const { versions, kek_id: kek } = verifyKeyset(value, provider, keks);
          return Object.entries(versions).map(([number, { encrypted_dek: wrapped }]) => {
            const { key } = unwrapDek(keks.keks.get(kek)!, provider, Number(number), wrapped!);
            return [`${region} ${provider} ${number}`, key.export().toString('base64')] as const;
          });
        }),
      ),
    );
  }
}

const asked = (method: string, target: string, body: Readonly<Record<string, unknown>>) => {
  const [path = '', query = ''] = target.split('?');
  return { method, path, query: new URLSearchParams(query), token: undefined, wrapSeconds: undefined, body };
};

/** Every value that was ever current has each KEK of the one before it, with the same bytes. */
export function expectNoKekLost({ seen }: VaultDeployment): void {
  const keks = seen.map((text) => {
    const { keys } = JSON.parse(text) as { keys: Record<string, { material: string }> };
    return Object.entries(keys).map(([id, { material }]) => `${id} ${material}`);
  });
  for (const [index, before] of keys(keks)) expect(keks[index + 1]).toEqual(expect.arrayContaining(before));
}

const keys = (all: readonly (readonly string[])[]): readonly (readonly [number, string[]])[] =>
  all.slice(0, -1).map((each, index) => [index, [...each]] as const);
