import { ENVIRONMENT } from '../../lambdas/core/contract/environment';
import type { FunctionName } from '../../lambdas/core/contract/functions';
import { VAULT_ENVIRONMENT } from '../../lambdas/core/contract/vault';
import type { Deployment } from '../deployment';
import type { VaultIdentity } from '../kek-configuration';
import type { ResourceNames } from '../resource-names';
import { READS_KEK } from './function-permissions';

/** The functions that request rotations of the KEK from the one that makes them. */
const REQUESTS_ROTATION: readonly FunctionName[] = ['sweep', 'bootstrap', 'rotations'];
/** The functions that ask each region's functions which KEK they read. The others that do have the variable anyway. */
const ASKS_REGIONS: readonly FunctionName[] = ['rewrap-deks'];

/** Environment of a function about a KEK that is in Vault, or moves from or to it. */
export function vaultEnvironment(
  name: FunctionName,
  region: string,
  { kek: { vault, movingFrom } }: Deployment,
  names: ResourceNames,
): Readonly<Record<string, string>> {
  const moving = movingFrom !== undefined && { [ENVIRONMENT.kekMovingFrom]: movingFrom };
  if (vault === undefined || !(READS_KEK as readonly FunctionName[]).includes(name)) return { ...moving };
  const { address, namespace, caCertificate, tlsServerName, kekPath, reader, rotator } = vault;
  const asks = ASKS_REGIONS.includes(name) || (name === 'rotate-kek' && movingFrom !== undefined);
  return {
    ...moving,
    [VAULT_ENVIRONMENT.address]: address,
    [VAULT_ENVIRONMENT.kekPath]: kekPath,
    ...(namespace !== undefined && { [VAULT_ENVIRONMENT.namespace]: namespace }),
    ...(caCertificate !== undefined && { [VAULT_ENVIRONMENT.caCert]: caCertificate }),
    ...(tlsServerName !== undefined && { [VAULT_ENVIRONMENT.tlsServerName]: tlsServerName }),
    ...loginOf(name === 'rotate-kek' ? rotator : reader, region),
    ...(REQUESTS_ROTATION.includes(name) && { [ENVIRONMENT.rotateKekFunction]: names.of('rotate-kek') }),
    ...(asks && { [ENVIRONMENT.proveKeysetFunction]: names.of('prove-keyset') }),
  };
}

function loginOf(identity: VaultIdentity, region: string): Readonly<Record<string, string>> {
  const login = { [VAULT_ENVIRONMENT.auth]: identity.auth };
  if (identity.auth === 'approle') {
    const { roleId, secretIdSecret } = identity;
    return { ...login, [VAULT_ENVIRONMENT.roleId]: roleId, [VAULT_ENVIRONMENT.secretIdSecret]: secretIdSecret };
  }
  const { role, serverId, isRegional } = identity;
  return {
    ...login,
    [VAULT_ENVIRONMENT.awsRole]: role,
    ...(serverId !== undefined && { [VAULT_ENVIRONMENT.awsServerId]: serverId }),
    ...(isRegional && { [VAULT_ENVIRONMENT.awsStsRegion]: region }),
  };
}
