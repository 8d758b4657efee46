import { createVaultSecretsProvider } from '../../../lambdas/adapters/vault/vault-secrets-provider';
import { VaultKekStore } from '../../../lambdas/adapters/vault/vault-kek-store';
import { systemClock } from '../../../lambdas/adapters/system/system-clock';
import { newKekSecretRecord, parseKekSecret, serializeKekSecret } from '../../../lambdas/core/crypto/kek-keyset';
import { newKeyset } from '../../../lambdas/core/keysets/dek-keyset';
import type { SecretsProvider } from '../../../lambdas/core/keysets/ports/secrets-provider';
import { createApplication, type Application } from '../../../lambdas/core/runtime/create-application';
import {
  makeRotator,
  openFor,
  type OpenedVault,
  type Rotator,
  type VaultUnderTest,
} from '../../contract/vault/vault-under-test';
import { AMPLE_MS } from '../../ample-limits';
import { newWriteId } from '../../contract/random-name';
import {
  CountingMetrics,
  MemoryAudit,
  MemoryCredentials,
  MemoryKeysets,
  testRandomness,
} from '../../doubles/memory-ports';
import { RecordingLogger } from '../../doubles/recording-logger';
import { caller } from '../../doubles/world';

const REGION = 'us-east-1';
const PLAINTEXT = 'sk-example-not-a-real-key';
const PER_SECOND = 200;

/** A KEK in Vault, one keyset under it, and as many processes as a test starts. */
export class Served {
  readonly keysets = new MemoryKeysets(REGION);

  private constructor(
    private readonly vault: VaultUnderTest,
    readonly rotator: Rotator,
    readonly keyset: string,
  ) {
    this.keysets.records.set('openai', newKeyset('openai', parseKekSecret(keyset).primary, Date.now(), testRandomness));
  }

  /** @param role members of the AppRole, such as its times */
  static async start(vault: VaultUnderTest, role: object = {}): Promise<Served> {
    const rotator = await makeRotator(vault, { role });
    const keyset = serializeKekSecret(newKekSecretRecord(testRandomness, Date.now()));
    const path = rotator.kekPath.replace('/', '/data/');
    await vault.admin('POST', path, { options: { cas: 0 }, data: { token: newWriteId(), keyset } });
    return new Served(vault, rotator, keyset);
  }

  /** A client at another address of the same Vault. */
  at(address: string): Promise<OpenedVault> {
    return openFor({ ...this.vault, address }, this.rotator, systemClock);
  }

  /** A process that asks Vault again with almost each request, and by the real clock. */
  async process(): Promise<Process> {
    const opened = await openFor(this.vault, this.rotator, systemClock);
    const metrics = new CountingMetrics();
    const secrets = createVaultSecretsProvider({
      regions: [opened.access],
      clock: systemClock,
      metrics,
      logger: new RecordingLogger(),
      regionTimeoutMs: AMPLE_MS,
      refreshAfterMs: 1,
      retryAfterMs: 1,
      staleRetryAfterMs: 1,
    });
    const application = createApplication({
      region: REGION,
      providers: ['openai'],
      keysets: { local: this.keysets, home: this.keysets, others: [] },
      keysetsToShow: this.keysets,
      credentials: { local: new MemoryCredentials(), home: new MemoryCredentials() },
      previousValueDays: 30,
      auditSink: new MemoryAudit(),
      auditReader: new MemoryAudit(),
      secrets,
      clock: systemClock,
      randomness: testRandomness,
      metrics,
    });
    return { application, secrets, metrics, opened, store: new VaultKekStore(opened.access) };
  }
}

export interface Process {
  readonly application: Application;
  readonly secrets: SecretsProvider;
  readonly metrics: CountingMetrics;
  readonly opened: OpenedVault;
  readonly store: VaultKekStore;
}

/** What became of the requests of a load. */
export interface Load {
  readonly sent: number;
  readonly failed: readonly unknown[];
  /** Calls of Vault that the process made meanwhile, by the end of their paths. */
  readonly logins: number;
  readonly renewals: number;
  readonly reads: number;
}

/**
 * 200 decrypts a second; each one also asks for the KEK, which it would otherwise need only for a DEK that is not in memory.
 *
 * @param meanwhile runs beside them; the load lasts as long as it does
 */
export async function loadWhile(
  { application, secrets, opened }: Process,
  meanwhile: () => Promise<unknown>,
): Promise<Load> {
  const { ciphertext } = await application.encrypt(caller, { provider: 'openai', plaintext: PLAINTEXT, context: {} });
  const failed: unknown[] = [];
  const running: Promise<void>[] = [];
  const decrypt = async (): Promise<void> => {
    await secrets.current();
    const opened = await application.decrypt(caller, { provider: 'openai', ciphertext, context: {} });
    if (opened.plaintext !== PLAINTEXT) throw new Error('another plaintext');
  };
  const before = opened.sent.length;
  const startedAt = performance.now();
  const timer = setInterval(() => {
    const due = ((performance.now() - startedAt) / 1000) * PER_SECOND;
    while (running.length < due) running.push(decrypt().catch((thrown: unknown) => void failed.push(thrown)));
  }, 5);
  try {
    await meanwhile();
  } finally {
    clearInterval(timer);
  }
  await Promise.all(running);
  const paths = opened.sent.slice(before).map(({ path }) => path);
  const count = (pattern: RegExp): number => paths.filter((path) => pattern.test(path)).length;
  return {
    sent: running.length,
    failed,
    logins: count(/login$/),
    renewals: count(/renew-self$/),
    reads: count(/\/data\//),
  };
}
