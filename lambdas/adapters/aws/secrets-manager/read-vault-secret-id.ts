import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CURRENT } from '../../../core/contract/secret-stages';
import { VAULT_ENVIRONMENT, VAULT_PATTERNS } from '../../../core/contract/vault';
import { KeywardError } from '../../../core/errors/errors';
import { orUnavailable } from '../dynamodb/store-unavailable';

/** Tokens of Vault, of its versions since 1.10 and before ("Tokens", token prefixes): a wrapping token gives its secret id once. */
const TOKEN = /^(?:hv[sb]|[sb])\./;

/**
 * Reads the secret id of an AppRole from a secret that somebody else writes, for each login anew: it may have been replaced.
 *
 * @returns a function that rejects with KeywardError `store_unavailable` if Secrets Manager does not return the secret, and with
 *   `configuration_invalid` if its value is no secret id, or a token
 */
export const createReadVaultSecretId =
  ({ client, secret }: { readonly client: SecretsManagerClient; readonly secret: string }) =>
  async (): Promise<string> => {
    const command = new GetSecretValueCommand({ SecretId: secret, VersionStage: CURRENT });
    const { SecretString = '' } = await orUnavailable(client.send(command), 'Secrets Manager');
    const text = SecretString.trim();
    const { secretIdSecret } = VAULT_ENVIRONMENT;
    if (TOKEN.test(text)) {
      throw invalid(
        `${secretIdSecret} holds a token: a function cannot use a wrapped secret id, because each instance would unwrap it again; store the secret id itself`,
      );
    }
    if (!VAULT_PATTERNS.visible.test(text)) throw invalid(`${secretIdSecret} holds no secret id`);
    return text;
  };

const invalid = (message: string): KeywardError => new KeywardError('configuration_invalid', message);
