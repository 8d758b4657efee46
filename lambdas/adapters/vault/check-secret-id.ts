import { isRecord } from '../../core/crypto/record-checks';
import { KeywardError } from '../../core/errors/errors';
import type { VaultAccess } from './kek-paths';
import type { ReadSecretId } from './secret-id';

/**
 * Checks that a secret id which many instances use may be used any number of times: one with a limit would end while the functions
 * run. Looked up with the token, if its policy allows that ("AppRole auth method (API)", read secret ID; "Lookup a token (self)").
 *
 * @throws KeywardError `configuration_invalid` with the command that mends it; `store_unavailable`
 */
export async function checkSecretId({ session }: VaultAccess, readSecretId: ReadSecretId): Promise<void> {
  const self = { operation: 'lookup-self', method: 'GET', path: 'auth/token/lookup-self', answers: [403] } as const;
  const { meta } = dataOf(await session.send(self));
  const role = isRecord(meta) ? meta['role_name'] : undefined;
  if (typeof role !== 'string') return;
  const path = `auth/approle/role/${encodeURIComponent(role)}`;
  const body = { secret_id: await readSecretId() };
  const call = { operation: 'secret-id lookup', method: 'POST', path: `${path}/secret-id/lookup`, body } as const;
  const { secret_id_num_uses: uses } = dataOf(await session.send({ ...call, answers: [403, 404] }));
  if (typeof uses !== 'number' || uses === 0) return;
  throw new KeywardError(
    'configuration_invalid',
    `the secret id of the AppRole may be used a limited number of times, and each instance of a function uses it: vault write ${path} secret_id_num_uses=0, then store a new secret id`,
  );
}

const dataOf = ({ body: { data } }: { readonly body: Readonly<Record<string, unknown>> }) =>
  isRecord(data) ? data : {};
