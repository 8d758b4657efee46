import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LOCAL_ENVIRONMENT } from '../../lambdas/core/contract/environment';
import { DEFAULT_LOCAL_HOME, PRINCIPALS_FILE } from '../../lambdas/core/contract/local-mode';
import { isRecord } from '../../lambdas/core/crypto/record-checks';
import { readStrictJson } from '../../lambdas/core/crypto/strict-json';
import type { Environment } from '../client/connection';

/** The user of a local access key, by the local server's file; undefined if the file does not name it or cannot be read. */
export async function localUser(accessKeyId: string, env: Environment): Promise<string | undefined> {
  const path = join(env[LOCAL_ENVIRONMENT.home] || DEFAULT_LOCAL_HOME, PRINCIPALS_FILE);
  const text = await readFile(path, 'utf8').catch(() => '');
  const reading = readStrictJson(text);
  const principals = 'value' in reading && isRecord(reading.value) ? reading.value['principals'] : undefined;
  const own = Array.isArray(principals)
    ? (principals as unknown[]).filter(isRecord).find((each) => each['access_key_id'] === accessKeyId)
    : undefined;
  return typeof own?.['user'] === 'string' ? own['user'] : undefined;
}
