import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { LOCAL_ENVIRONMENT } from '../../lambdas/core/contract/environment';
import { CREDENTIALS_FILE, DEFAULT_LOCAL_HOME } from '../../lambdas/core/contract/local-mode';
import { KeywardError } from '../../lambdas/core/errors/errors';
import { parseCredentials } from '../../local/identity/credentials-file';
import { usageError } from '../io/cli-error';
import { systemCode } from '../io/system-code';
import type { Environment } from './connection';
import type { CredentialsWanted, FoundCredentials } from './way';

type AccessKeys = ReturnType<typeof parseCredentials>;

const DEFAULT_PROFILE = 'default';

/**
 * An access key that `npm start` made: that of the named profile, else the one of the environment if it is among them, else that of
 * `default`.
 *
 * @returns undefined if there is no such file
 * @throws CliError which names the file, if it cannot be read or has no such profile
 */
export async function localCredentials({ profile, env }: CredentialsWanted): Promise<FoundCredentials | undefined> {
  const path = join(env[LOCAL_ENVIRONMENT.home] || DEFAULT_LOCAL_HOME, CREDENTIALS_FILE);
  const keys = await readKeys(path);
  if (keys === undefined) return undefined;
  const chosen = profile ?? profileOfEnvironment(keys, env);
  const credentials = keys.get(chosen);
  if (credentials === undefined) {
    throw usageError(
      `the profile is not in ${path}, which has ${[...keys.keys()].join(', ')}; name one of them by --profile`,
    );
  }
  const source = `profile ${chosen} of ${path}`;
  const unheeded = profile === undefined ? unheededBy(env, path, { chosen, accessKeyId: credentials.accessKeyId }) : [];
  return {
    credentials,
    source,
    ...(unheeded.length > 0 && {
      notice: `signed with ${source}, whatever ${unheeded.join(', ')} says: a local server knows no other credentials`,
    }),
  };
}

async function readKeys(path: string): Promise<AccessKeys | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (thrown) {
    const code = systemCode(thrown);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw usageError(`${path} could not be read (${code})`);
  }
  try {
    return parseCredentials(text, path);
  } catch (thrown) {
    throw usageError(thrown instanceof KeywardError ? thrown.message : 'the local credentials could not be read');
  }
}

/** If one of these keys is exported, or its profile named, its lesser rights may be intended. */
function profileOfEnvironment(keys: AccessKeys, env: Environment): string {
  const byKey = [...keys].find(([, { accessKeyId }]) => accessKeyId === env['AWS_ACCESS_KEY_ID'])?.[0];
  const named = env['AWS_PROFILE'];
  return byKey ?? (named !== undefined && keys.has(named) ? named : DEFAULT_PROFILE);
}

/** Variables with which AWS's tools would use other credentials. */
function unheededBy(
  env: Environment,
  path: string,
  { chosen, accessKeyId }: { chosen: string; accessKeyId: string },
): readonly string[] {
  const file = env['AWS_SHARED_CREDENTIALS_FILE'];
  const isHeeded: Readonly<Record<string, boolean>> = {
    AWS_PROFILE: env['AWS_PROFILE'] === chosen,
    AWS_ACCESS_KEY_ID: env['AWS_ACCESS_KEY_ID'] === accessKeyId,
    AWS_SHARED_CREDENTIALS_FILE: file !== undefined && resolve(file) === resolve(path),
    AWS_WEB_IDENTITY_TOKEN_FILE: false,
    AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: false,
    AWS_CONTAINER_CREDENTIALS_FULL_URI: false,
  };
  return Object.entries(isHeeded).flatMap(([name, heeded]) => (!env[name] || heeded ? [] : [name]));
}
