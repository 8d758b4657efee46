import { VAULT_ENVIRONMENT } from '../../core/contract/vault';
import { KeywardError } from '../../core/errors/errors';

/** A mount, which may have several parts, the kind of path, and a role ("AWS secrets engine (API)", "Generate credentials"). */
const PATH =
  /^(?=.{1,256}$)(?:[A-Za-z0-9_][A-Za-z0-9_.-]*\/)+(?:sts|creds)\/[A-Za-z0-9_](?:[A-Za-z0-9_.@-]*[A-Za-z0-9_])?$/;

const { awsCredentials: variable } = VAULT_ENVIRONMENT;

/**
 * Reads where AWS clients get their credentials.
 *
 * @returns undefined: from the process, as ever
 * @throws KeywardError `configuration_invalid`, one sentence that names the variable and never has its value
 */
export function readAwsCredentialsPath(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const path = env[variable];
  if (path === undefined || path === '') return undefined;
  if (PATH.test(path)) return path;
  throw new KeywardError(
    'configuration_invalid',
    `${variable} must be the path of a role, such as aws/sts/keyward or aws/creds/keyward`,
  );
}
