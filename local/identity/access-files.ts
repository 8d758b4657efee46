import { join } from 'node:path';
import { CREDENTIALS_FILE, PRINCIPALS_FILE } from '../../lambdas/core/contract/local-mode';
import { badFile, createPrivateFile, readPrivateFile } from '../../lambdas/adapters/local/private-file';
import type { Randomness } from '../../lambdas/core/crypto/randomness';
import { newAccessKeys, parseCredentials, writeCredentials, writeCurlFiles, type AccessKey } from './credentials-file';
import { firstPrincipals, parsePrincipals, renewedAccessKeys, type SigningPrincipal } from './principals';

/** Access rights, from `credentials` and `principals.json` together. */
export interface Access {
  /** Access keys by profile. */
  readonly keys: ReadonlyMap<string, AccessKey>;
  /** By access key id. */
  readonly principals: ReadonlyMap<string, SigningPrincipal>;
  /** Files or secrets that this start created: both files, or new secrets for the access keys that `principals.json` names. */
  readonly made: 'nothing' | 'both' | 'secrets';
  /** Texts of both files, to detect a change. */
  readonly texts: readonly [credentials: string, principals: string];
}

/**
 * Reads `credentials`, in the format of AWS's shared credentials file, and `principals.json` in the data directory.
 *
 * If both are missing, both are created. If only `credentials` is missing, the access keys of `principals.json` get new secrets:
 * no principal gains rights, and the reader of the new file owns the data. If only the principals are missing, they are not
 * created: access keys that were handed out might get rights that they were denied.
 *
 * @throws KeywardError `configuration_invalid`: one sentence with the path; nothing existing is changed
 */
export async function openAccessFiles(directory: string, region: string, randomness: Randomness): Promise<Access> {
  const credentialsPath = join(directory, CREDENTIALS_FILE);
  const principalsPath = join(directory, PRINCIPALS_FILE);
  // Read in this order, because the principals are created first.
  const existing = await readPrivateFile(credentialsPath);
  const named = await readPrivateFile(principalsPath);
  if (existing !== undefined && named === undefined) throw badFile(principalsPath, LOST);
  if (existing === undefined) {
    const keys = newAccessKeys(randomness);
    const isOurs = named === undefined && (await createPrivateFile(principalsPath, firstPrincipals(keys), randomness));
    const names = isOurs ? undefined : (named ?? (await readPrivateFile(principalsPath)));
    const renewed = names === undefined ? keys : renewedAccessKeys(names, principalsPath, randomness);
    await createPrivateFile(credentialsPath, writeCredentials(renewed), randomness);
  }
  const access = await readAccess(credentialsPath, principalsPath);
  await writeCurlFiles(directory, access.keys, region, randomness, true);
  return { ...access, made: existing !== undefined ? 'nothing' : named === undefined ? 'both' : 'secrets' };
}

/**
 * Reads both files as the next start would, and creates nothing.
 *
 * @throws KeywardError `configuration_invalid` if one is missing, or the next start would refuse it
 */
export async function readAccessFiles(directory: string): Promise<Omit<Access, 'made'>> {
  return readAccess(join(directory, CREDENTIALS_FILE), join(directory, PRINCIPALS_FILE));
}

const LOST =
  'is missing, and a new one might allow what it denied: restore it from a backup, or remove the credentials file beside it too; the next start then makes both anew, and earlier access keys stop working';

async function readAccess(credentialsPath: string, principalsPath: string): Promise<Omit<Access, 'made'>> {
  const credentials = await readPrivateFile(credentialsPath);
  if (credentials === undefined) throw badFile(credentialsPath, 'is missing');
  const principals = await readPrivateFile(principalsPath);
  if (principals === undefined) throw badFile(principalsPath, LOST);
  const keys = parseCredentials(credentials, credentialsPath);
  return {
    keys,
    principals: parsePrincipals(principals, keys, principalsPath),
    texts: [credentials, principals],
  };
}
