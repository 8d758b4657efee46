import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createPrivateFile, readPrivateFile, replacePrivateFile } from '../lambdas/adapters/local/private-file';
import { checkKekStore } from '../lambdas/adapters/vault/check-kek-store';
import type { VaultAccess } from '../lambdas/adapters/vault/kek-paths';
import { openVault } from '../lambdas/adapters/vault/open-vault';
import { createReadSecretId, type SecretIdFiles } from '../lambdas/adapters/vault/secret-id';
import { VaultKekStore } from '../lambdas/adapters/vault/vault-kek-store';
import { createAppRoleLogin } from '../lambdas/adapters/vault/vault-login';
import { createVaultSecretsProvider } from '../lambdas/adapters/vault/vault-secrets-provider';
import type { VaultSettings } from '../lambdas/adapters/vault/vault-settings';
import { createVaultTransport } from '../lambdas/adapters/vault/vault-transport';
import { VAULT_ENVIRONMENT } from '../lambdas/core/contract/vault';
import { newId, type Randomness } from '../lambdas/core/crypto/randomness';
import { parseKekSecretRecord } from '../lambdas/core/crypto/kek-keyset';
import { KeywardError, toKeywardError } from '../lambdas/core/errors/errors';
import type { SecretsProvider } from '../lambdas/core/keysets/ports/secrets-provider';
import type { Clock } from '../lambdas/core/ports/clock';
import type { FailureLog } from '../lambdas/core/ports/failure-log';
import type { Logger } from '../lambdas/core/ports/logger';
import type { Metrics } from '../lambdas/core/ports/metrics';
import { VAULT_KEK_FILE, VAULT_SECRET_ID_FILE } from './local-names';

export interface OpenVaultKekOptions {
  /** The data directory. */
  readonly home: string;
  readonly settings: VaultSettings;
  readonly failures: FailureLog;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** The KEK in Vault, for a process that serves and rotates. */
export interface VaultKek {
  readonly secrets: SecretsProvider;
  /** Store of the home region, where the KEK is written. */
  readonly store: VaultKekStore;
  /** Store of each region, home first. */
  readonly replicas: readonly [VaultKekStore, ...VaultKekStore[]];
  /** @returns whether the secret has a placeholder instead of a KEK; false if Vault does not answer */
  readonly lacksKek: () => Promise<boolean>;
  /** Present if Vault did not answer at this start of a data directory that was in use. */
  readonly away?: AbsentVault;
}

/** A Vault that did not answer at the start. */
export interface AbsentVault {
  /** Name of the failure. */
  readonly name: string;
  /** Checks now what the start could not. Throws KeywardError `configuration_invalid`, one sentence. */
  readonly check: () => Promise<void>;
}

/** Time limit of each request to Vault: a login and a write may wait for another node of its cluster. */
const REQUEST_MS = 5_000;
/** Initial secret, as in a deployment: without a KEK, which the rotation makes. */
const PLACEHOLDER = '{"schema":1}';

/**
 * Opens the KEK in Vault. A first start writes a placeholder to the path, if the path was never written. A later one also opens
 * it while Vault does not answer.
 *
 * @param mayCreate whether no data exists that was wrapped under a KEK of Vault; called only if the data directory has no mark
 * @throws KeywardError `configuration_invalid`, one sentence; nothing in Vault is overwritten
 */
export async function openVaultKek(
  options: OpenVaultKekOptions,
  isFirst: boolean,
  mayCreate: () => Promise<boolean>,
): Promise<VaultKek> {
  const [home, ...others] = await openVaults(options);
  const check = () => checkKekStore(home);
  const away = await absence(check, isFirst);
  const store = new VaultKekStore(home);
  if (isFirst) await claimPath(store, options, mayCreate);
  return {
    ...(away !== undefined && { away: { name: away, check } }),
    secrets: createVaultSecretsProvider({ ...options, regions: [home, ...others] }),
    store,
    replicas: [store, ...others.map((each) => new VaultKekStore(each))],
    lacksKek: async () => {
      if (away !== undefined) return false;
      const { value } = await store.current().catch((thrown: unknown) => {
        const name = toKeywardError(thrown).outside?.name;
        if (name !== 'UnusableAnswer') throw unusable(options, `could not be read (${name ?? 'other'})`);
        throw unusable(options, 'holds no KEK, although this data directory was in use: restore it in Vault');
      });
      return isPlaceholder(value, options);
    },
  };
}

/**
 * The name of the failure, if Vault does not answer and the data directory was in use: it has what is stored, and Vault may come
 * back. A refusal ends the start.
 */
async function absence(check: () => Promise<void>, isFirst: boolean): Promise<string | undefined> {
  try {
    await check();
    return undefined;
  } catch (thrown) {
    const { outside } = toKeywardError(thrown);
    if (isFirst || outside?.kind !== 'outage') throw thrown;
    return outside.name;
  }
}

/**
 * Opens the Vaults of the settings, home first. Makes no outside call.
 *
 * @param files left out: an unwrapped secret id is kept in the data directory
 * @throws KeywardError `configuration_invalid`, one sentence
 */
export async function openVaults(
  options: Omit<OpenVaultKekOptions, 'metrics'>,
  files: SecretIdFiles = secretIdFiles(options),
): Promise<readonly [VaultAccess, ...VaultAccess[]]> {
  const { settings, clock, failures, logger } = options;
  const { addresses, namespace, caCert, tlsServerName, roleId, secretId, kekPath } = settings;
  const ca = caCert === undefined ? undefined : await readAuthorities(caCert);
  const opened = addresses.map(({ region, url }) =>
    openVault({
      transport: createVaultTransport({ url, namespace, ca, tlsServerName, timeoutMs: REQUEST_MS }),
      region,
      login: (calls) => createAppRoleLogin(roleId, createReadSecretId(secretId, { calls, files, logger })),
      kekPath,
      clock,
      failures,
    }),
  );
  return opened as readonly VaultAccess[] as readonly [VaultAccess, ...VaultAccess[]];
}

async function readAuthorities(caCert: string): Promise<string> {
  const { caCert: name } = VAULT_ENVIRONMENT;
  const isText = caCert.includes('-----BEGIN');
  const text = isText ? caCert : await readFile(caCert, 'utf8').catch(() => undefined);
  if (text === undefined) throw new KeywardError('configuration_invalid', `${name} names a file that cannot be read`);
  if (!text.includes('-----BEGIN CERTIFICATE-----')) {
    throw new KeywardError('configuration_invalid', `${name} holds no certificate in PEM`);
  }
  return text;
}

function secretIdFiles({ home, randomness }: Pick<OpenVaultKekOptions, 'home' | 'randomness'>): SecretIdFiles {
  const path = join(home, VAULT_SECRET_ID_FILE);
  return {
    read: readPrivateFile,
    readKept: () => readPrivateFile(path),
    keep: (text) => replacePrivateFile(path, text, randomness),
  };
}

/**
 * Claims the path for this data directory. The mark has the id of the first version and is written before it. So an interrupted
 * start recognizes its own path, and a KEK of another installation is never shared: each would drop KEKs that the other needs.
 */
async function claimPath(
  store: VaultKekStore,
  options: OpenVaultKekOptions,
  mayCreate: () => Promise<boolean>,
): Promise<void> {
  const { home, randomness } = options;
  const mark = join(home, VAULT_KEK_FILE);
  if ((await readPrivateFile(mark)) === undefined) {
    if (!(await mayCreate())) {
      throw new KeywardError(
        'configuration_invalid',
        `${mark} is missing although keys or credentials are stored: restore it from a backup`,
      );
    }
    await createPrivateFile(mark, newId(randomness), randomness);
  }
  const first = (await readPrivateFile(mark)) ?? '';
  try {
    if (await store.createFirst(first, PLACEHOLDER)) return;
    if ((await store.value(first)) !== undefined) return;
  } catch (thrown) {
    const name = toKeywardError(thrown).outside?.name ?? 'other';
    throw unusable(options, `could not be written (${name})`);
  }
  throw unusable(
    options,
    'already holds something that this data directory has not made, and it was left as it is: set VAULT_KEK_PATH to a path of its own',
  );
}

function isPlaceholder(value: string, options: OpenVaultKekOptions): boolean {
  try {
    parseKekSecretRecord(value);
    return false;
  } catch (thrown) {
    if (toKeywardError(thrown).reason === 'kek_missing') return true;
    throw unusable(options, 'holds a damaged KEK keyset: restore an older version of it in Vault');
  }
}

const unusable = ({ settings }: OpenVaultKekOptions, sentence: string): KeywardError =>
  new KeywardError('configuration_invalid', `${settings.kekPath} in Vault ${sentence}`);
