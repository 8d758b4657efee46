import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LOCAL_ENVIRONMENT } from '../../lambdas/core/contract/environment';
import { CREDENTIALS_FILE, DEFAULT_LOCAL_HOME } from '../../lambdas/core/contract/local-mode';
import { KeywardError } from '../../lambdas/core/errors/errors';
import { parseCredentials } from '../../local/identity/credentials-file';
import { usageError } from '../io/cli-error';
import type { Environment } from './connection';

/** An AWS access key; the session token belongs to temporary ones. */
export interface SigningCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface CredentialsWanted {
  /** Of `--profile`. */
  readonly profile: string | undefined;
  readonly isLoopback: boolean;
  readonly env: Environment;
}

/**
 * The credentials to sign with. For an endpoint on this machine those that `npm start` made, where the profile is among
 * them and the environment names no others; else what every AWS tool would take (AWS SDKs and Tools Reference Guide,
 * "Standardized credential providers").
 *
 * @throws CliError where there are none; it tells nothing of what was found
 */
export async function findCredentials(wanted: CredentialsWanted): Promise<SigningCredentials> {
  return (await localCredentials(wanted)) ?? awsCredentials(wanted.profile);
}

async function localCredentials({
  profile,
  isLoopback,
  env,
}: CredentialsWanted): Promise<SigningCredentials | undefined> {
  const environmentNamesOthers =
    Boolean(env['AWS_SHARED_CREDENTIALS_FILE']) || (profile === undefined && Boolean(env['AWS_ACCESS_KEY_ID']));
  if (!isLoopback || environmentNamesOthers) return undefined;
  const path = join(env[LOCAL_ENVIRONMENT.home] || DEFAULT_LOCAL_HOME, CREDENTIALS_FILE);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
  try {
    return parseCredentials(text, path).get(profile ?? (env['AWS_PROFILE'] || 'default'));
  } catch (thrown) {
    throw usageError(thrown instanceof KeywardError ? thrown.message : 'the local credentials could not be read');
  }
}

async function awsCredentials(profile: string | undefined): Promise<SigningCredentials> {
  // Loaded only where it is needed: local use does without.
  const { defaultProvider } = await import('@aws-sdk/credential-provider-node');
  try {
    const identity = await defaultProvider(profile === undefined ? {} : { profile })();
    const { accessKeyId, secretAccessKey, sessionToken } = identity;
    return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
  } catch {
    throw usageError('no AWS credentials were found: name a profile, set AWS_ACCESS_KEY_ID, or sign in');
  }
}
