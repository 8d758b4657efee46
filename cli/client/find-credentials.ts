import { LOCAL_ENVIRONMENT } from '../../lambdas/core/contract/environment';
import { DEFAULT_LOCAL_HOME } from '../../lambdas/core/contract/local-mode';
import { usageError } from '../io/cli-error';
import { isLoopback, type Environment } from './connection';
import { localCredentials } from './local-credentials';
import { byHttp } from './no-answer';
import type { CredentialsWanted, FoundCredentials } from './way';

/**
 * The credentials to sign with. For a local server: those that `npm start` made, because no others work there. Otherwise: those that
 * other AWS tools use (AWS SDKs and Tools Reference Guide, "Standardized credential providers"), and never those of `npm start`.
 *
 * If the local server's data directory is not found, access keys in the environment are used: a server elsewhere, for instance in a
 * container, is called with these.
 *
 * @throws CliError if there are none; it repeats nothing of what was found
 */
export async function findCredentials(wanted: CredentialsWanted): Promise<FoundCredentials> {
  const {
    env,
    connection: { endpoint, isLocal },
  } = wanted;
  if (!isLocal) return awsCredentials(wanted, isLoopback(endpoint.hostname) ? byHttp(endpoint) : undefined);
  const local = await localCredentials(wanted);
  if (local !== undefined) return local;
  if (!NAMING_KEYS.some((name) => Boolean(env[name]))) throw usageError(noLocalCredentials(env));
  return { ...(await awsCredentials(wanted, SET_HOME)), doubt: NOT_LOCAL };
}

/** Variables that contain access keys or name a file of them. Nothing has to be searched or asked for. */
const NAMING_KEYS = ['AWS_ACCESS_KEY_ID', 'AWS_SHARED_CREDENTIALS_FILE'] as const;

const SET_HOME = `set ${LOCAL_ENVIRONMENT.home} to the data directory of the local server`;

const NOT_LOCAL = `the call was signed with AWS credentials, because those of the local server were not found: ${SET_HOME}`;

const noLocalCredentials = (env: Environment): string =>
  env[LOCAL_ENVIRONMENT.home]
    ? `${LOCAL_ENVIRONMENT.home} names a directory without credentials: ${SET_HOME}, which npm start makes`
    : `there are no credentials in ${DEFAULT_LOCAL_HOME} here: start the local server with npm start; in another folder, ${SET_HOME}; for a deployment name --endpoint`;

/** @param remedy what to do besides what other AWS tools say */
async function awsCredentials({ profile, env, agent }: CredentialsWanted, remedy?: string): Promise<FoundCredentials> {
  // Loaded only when needed: local use does not need it.
  const { defaultProvider } = await import('@aws-sdk/credential-provider-node');
  try {
    const identity = await defaultProvider({
      ...(profile !== undefined && { profile }),
      ...(agent !== undefined && { clientConfig: { requestHandler: { httpsAgent: agent } } }),
    })();
    const { accessKeyId, secretAccessKey, sessionToken } = identity;
    return {
      credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
      source: sourceOf(profile, env),
    };
  } catch {
    throw usageError(
      `no AWS credentials were found: name a profile, set AWS_ACCESS_KEY_ID, or sign in${remedy === undefined ? '' : `; or ${remedy}`}`,
    );
  }
}

/** In the order of the chain: a named profile comes before keys in the environment. */
function sourceOf(profile: string | undefined, env: Environment): string {
  if (profile !== undefined) return `the AWS profile ${profile}`;
  if (env['AWS_PROFILE']) return `the AWS profile ${env['AWS_PROFILE']}`;
  return env['AWS_ACCESS_KEY_ID'] ? 'AWS_ACCESS_KEY_ID' : "AWS's credential chain";
}
