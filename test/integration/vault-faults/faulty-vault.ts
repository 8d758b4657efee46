import { callVault, REAL_VAULT, type VaultUnderTest } from '../../contract/vault/vault-under-test';
import { until } from '../../until';

const { [REAL_VAULT.unsealKey]: key = '' } = process.env;

/** Why the Vault under test cannot be sealed and unsealed again; undefined: it can. */
export const cannotBeSealed = (): string | undefined =>
  process.env[REAL_VAULT.address] !== undefined && key === ''
    ? 'there is no key to unseal this Vault again (VAULT_UNSEAL_KEY, or unseal_key in the line of VAULT_BINARY)'
    : undefined;

export const seal = ({ admin }: VaultUnderTest): Promise<unknown> => admin('POST', 'sys/seal');

/**
 * Unseals it and waits until it serves. Where another node has taken over meanwhile, that one is asked to step down
 * ("/sys/step-down").
 */
export async function unseal({ address, rootToken, isReal, admin }: VaultUnderTest): Promise<void> {
  const root = { 'x-vault-token': rootToken };
  await callVault(address, 'POST', 'sys/unseal', { key: key === '' ? 'x' : key }, root);
  await until('the unsealed Vault serves', async () => {
    if (isReal) {
      const { body } = await callVault(address, 'GET', 'sys/leader');
      const leader = String(body['leader_address']);
      if (body['is_self'] !== true && leader.startsWith('http'))
        await callVault(leader, 'PUT', 'sys/step-down', {}, root);
    }
    const { status } = await admin('POST', 'sys/capabilities-self', { paths: ['x'] });
    return status === 200;
  });
}
