import { join } from 'node:path';
import { readPrivateFile } from '../lambdas/adapters/local/private-file';
import { createOnceAMinuteFailureLog } from '../lambdas/adapters/system/once-a-minute-failure-log';
import { systemClock } from '../lambdas/adapters/system/system-clock';
import { createSystemRandomness } from '../lambdas/adapters/system/system-randomness';
import { checkKekStore } from '../lambdas/adapters/vault/check-kek-store';
import type { VaultAccess } from '../lambdas/adapters/vault/kek-paths';
import { keptSecretId } from '../lambdas/adapters/vault/secret-id';
import { VaultKekStore } from '../lambdas/adapters/vault/vault-kek-store';
import { readVaultSettings } from '../lambdas/adapters/vault/vault-settings';
import { LOCAL_REGION } from '../lambdas/core/contract/local-mode';
import { parseKekSecretRecord } from '../lambdas/core/crypto/kek-keyset';
import { KeywardError, toKeywardError } from '../lambdas/core/errors/errors';
import type { Logger } from '../lambdas/core/ports/logger';
import { VAULT_KEK_FILE, VAULT_SECRET_ID_FILE } from './local-names';
import { openVaults } from './vault-kek';

/** What an examination found: `unknown` if it would have to unwrap the secret id, which only the server may do. */
export interface VaultExamination {
  readonly state: 'good' | 'bad' | 'unknown';
  /** One sentence, with what mends it. */
  readonly sentence: string;
}

/**
 * Examines the settings of Vault and what is at the path, as a start does. Writes nothing, here or in Vault, but logs in.
 *
 * @param home the data directory; it may not exist
 */
export async function examineVault(
  env: Readonly<Record<string, string | undefined>>,
  home: string,
): Promise<VaultExamination> {
  try {
    return await examine(env, home);
  } catch (thrown) {
    return { state: 'bad', sentence: toKeywardError(thrown).message };
  }
}

const SILENT: Logger = { info: () => undefined, warn: () => undefined, error: () => undefined };

async function examine(env: Readonly<Record<string, string | undefined>>, home: string): Promise<VaultExamination> {
  const settings = readVaultSettings(env, LOCAL_REGION);
  const { secretId, kekPath } = settings;
  const kept = await readPrivateFile(join(home, VAULT_SECRET_ID_FILE));
  if (secretId.kind === 'wrapped' && keptSecretId(kept, secretId.token) === undefined) {
    return { state: 'unknown', sentence: 'the wrapping token was not unwrapped yet, which npm start does once' };
  }
  const [clock, logger] = [systemClock, SILENT];
  const files = { read: readPrivateFile, readKept: () => Promise.resolve(kept), keep: () => Promise.resolve() };
  const failures = createOnceAMinuteFailureLog({ clock, logger });
  const randomness = createSystemRandomness();
  const [first, ...others] = await openVaults({ home, settings, failures, clock, randomness, logger }, files);
  await checkKekStore(first);
  const isInUse = (await readPrivateFile(join(home, VAULT_KEK_FILE))) !== undefined;
  if (!isInUse) {
    const isFree = (await (await first.paths()).current.read()) === undefined;
    if (isFree) return { state: 'good', sentence: `${kekPath} is free for a first start, and keeps what is written` };
    throw new KeywardError(
      'configuration_invalid',
      `${kekPath} in Vault already holds something that this data directory has not made: set VAULT_KEK_PATH to a path of its own, or KEYWARD_HOME to the directory that made it`,
    );
  }
  const id = await currentKek(first, kekPath, first.region);
  for (const each of others) await currentKek(each, kekPath, each.region);
  return { state: 'good', sentence: `${kekPath} has the KEK ${id}, and keeps what is written` };
}

/** @throws KeywardError `configuration_invalid`, one sentence */
async function currentKek(access: VaultAccess, kekPath: string, region: string): Promise<string> {
  const at = `${kekPath} in Vault (${region})`;
  const { value } = await new VaultKekStore(access).current().catch((thrown: unknown) => {
    const name = toKeywardError(thrown).outside?.name ?? 'other';
    const what =
      name === 'UnusableAnswer'
        ? 'holds no KEK, although this data directory was in use: restore it in Vault'
        : `could not be read (${name})`;
    throw new KeywardError('configuration_invalid', `${at} ${what}`);
  });
  try {
    return parseKekSecretRecord(value).primary;
  } catch (thrown) {
    // A first start was interrupted after its placeholder.
    if (toKeywardError(thrown).reason === 'kek_missing') return 'that the next start makes';
    throw new KeywardError(
      'configuration_invalid',
      `${at} holds a damaged KEK keyset: restore an older version of it in Vault`,
    );
  }
}
