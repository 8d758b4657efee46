import type { Clock } from '../../core/ports/clock';
import type { FailureLog } from '../../core/ports/failure-log';
import { checkKekStore } from './check-kek-store';
import { checkSecretId } from './check-secret-id';
import type { FunctionLogin, FunctionVaultSettings, OwnLogin, OwnVaultSettings } from './function-vault-settings';
import type { VaultAccess } from './kek-paths';
import { openVault } from './open-vault';
import { createReadOwnSecretId, type ReadSecretId, type SecretIdFiles } from './secret-id';
import { createAppRoleLogin, createAwsLogin, type SignCallerIdentity, type VaultLogin } from './vault-login';
import { createVaultTransport } from './vault-transport';

/** What a process has itself to log in with. */
interface OwnIdentity {
  /** Reads the file with the secret id; undefined if it does not exist. */
  readonly readFile: SecretIdFiles['read'];
}

/** What a function logs in with; each is asked for anew at each login. */
interface FunctionIdentity extends OwnIdentity {
  /** Reads the secret id from the secret of this name or ARN. */
  readonly readSecretId: (secret: string) => ReadSecretId;
  /** Signs for the endpoint of STS in this region; undefined: the global one. */
  readonly signCallerIdentity: (stsRegion: string | undefined) => SignCallerIdentity;
}

export interface OpenFunctionVaultOptions extends FunctionIdentity, OpenOptions {
  readonly settings: FunctionVaultSettings;
}

interface OpenOwnVaultOptions extends OwnIdentity, OpenOptions {
  readonly settings: OwnVaultSettings;
}

interface OpenOptions {
  /** For the whole exchange of one request. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly failures: FailureLog;
}

/** The region of the Vault that a region's functions use: its own, or the one of the home region. */
export const vaultRegionOf = ({ addresses }: Pick<FunctionVaultSettings, 'addresses'>, region: string): string =>
  (addresses.find((each) => each.region === region) ?? addresses[0]).region;

/**
 * Puts together what reaches the Vault of one region. Makes no outside call.
 *
 * @param region from {@link vaultRegionOf}
 */
export function openFunctionVault(options: OpenFunctionVaultOptions, region: string): VaultAccess {
  return open(options, region, loginOf(options.settings.login, options));
}

/** As {@link openFunctionVault}, for a process that gets its credentials there. */
export function openOwnVault(options: OpenOwnVaultOptions, region: string): VaultAccess {
  return open(options, region, ownLogin(options.settings.login, options));
}

function open(
  { settings, timeoutMs, clock, failures }: OpenOwnVaultOptions | OpenFunctionVaultOptions,
  region: string,
  login: VaultLogin,
): VaultAccess {
  const { addresses, namespace, caCert: ca, tlsServerName, kekPath } = settings;
  const { url } = addresses.find((each) => each.region === region) ?? addresses[0];
  const transport = createVaultTransport({ url, namespace, ca, tlsServerName, timeoutMs });
  return openVault({ transport, region, login: () => login, kekPath, clock, failures });
}

function loginOf(login: FunctionLogin, identity: FunctionIdentity): VaultLogin {
  switch (login.method) {
    case 'approle':
      return createAppRoleLogin(login.roleId, identity.readSecretId(login.secret));
    case 'own':
      return ownLogin(login, identity);
    case 'aws':
      return createAwsLogin(login.role, login.serverId, identity.signCallerIdentity(login.stsRegion));
  }
}

const ownLogin = ({ roleId, secretId }: OwnLogin, { readFile }: OwnIdentity): VaultLogin =>
  createAppRoleLogin(roleId, createReadOwnSecretId(secretId, readFile));

/**
 * Checks for the function that writes the KEK what its functions rely on, as {@link checkKekStore} and {@link checkSecretId}.
 *
 * @throws KeywardError `configuration_invalid`, one sentence; `store_unavailable`
 */
export async function checkFunctionVault(
  access: VaultAccess,
  { settings: { login }, readSecretId }: Pick<OpenFunctionVaultOptions, 'settings' | 'readSecretId'>,
): Promise<void> {
  await checkKekStore(access, login.method === 'aws' ? 'aws' : 'approle');
  if (login.method === 'approle') await checkSecretId(access, readSecretId(login.secret));
}
