import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { CURL_FILES } from '../local-names';
import { badFile, createPrivateFile, readPrivateFile } from '../../lambdas/adapters/local/private-file';
import type { Randomness } from '../../lambdas/core/crypto/randomness';

/** An access key of the local stand-in for IAM. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Profiles of a first start, each with its file of curl options. */
const PROFILES = [
  { profile: 'default', curlFile: CURL_FILES.administrator },
  { profile: 'openai-only', curlFile: CURL_FILES.openaiOnly },
] as const;

export const ADMINISTRATOR_PROFILE = PROFILES[0].profile;
export const OPENAI_ONLY_PROFILE = PROFILES[1].profile;

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** IAM's format: 16 to 128 characters. */
const ACCESS_KEY_ID = /^[A-Za-z0-9]{16,128}$/;
const SECRET_ACCESS_KEY = /^[!-~]{1,256}$/;

/** The text of a credentials file. */
export const writeCredentials = (keys: ReadonlyMap<string, AccessKey>): string =>
  Array.from(
    keys,
    ([profile, { accessKeyId, secretAccessKey }]) =>
      `[${profile}]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
  ).join('\n');

/** Returns new access keys for the profiles of a first start. */
export const newAccessKeys = (randomness: Randomness): ReadonlyMap<string, AccessKey> =>
  new Map(PROFILES.map(({ profile }) => [profile, newAccessKey(randomness)]));

function newAccessKey(randomness: Randomness): AccessKey {
  // 256 is a multiple of 32, so all characters are equally likely.
  const characters = Array.from(randomness.publicBytes(16), (byte) => BASE32.charAt(byte % BASE32.length));
  return { accessKeyId: `AKIA${characters.join('')}`, secretAccessKey: newSecretAccessKey(randomness) };
}

/** Returns 30 random bytes in AWS's format. */
export function newSecretAccessKey(randomness: Randomness): string {
  const secret = randomness.secretBytes(30);
  const secretAccessKey = secret.toString('base64');
  secret.fill(0);
  return secretAccessKey;
}

/**
 * Writes the files of curl options of the existing profiles, so that a pasted line needs no secret.
 *
 * @param mayReplace whether a file with another text is replaced
 * @throws KeywardError `configuration_invalid` if a file cannot be read or written, or others may use it
 */
export async function writeCurlFiles(
  directory: string,
  keys: ReadonlyMap<string, AccessKey>,
  region: string,
  randomness: Randomness,
  mayReplace: boolean,
): Promise<void> {
  for (const { profile, curlFile } of PROFILES) {
    const key = keys.get(profile);
    if (key === undefined) continue;
    const path = join(directory, curlFile);
    const text = curlOptions(key, region);
    const existing = await readPrivateFile(path);
    if (existing === text || (existing !== undefined && !mayReplace)) continue;
    if (existing !== undefined) await unlink(path);
    await createPrivateFile(path, text, randomness);
  }
}

/** Returns options for `curl -K`: values are in double quotes, where curl treats a backslash as an escape. */
function curlOptions(key: AccessKey, region: string): string {
  const user = `${key.accessKeyId}:${key.secretAccessKey}`.replaceAll(/["\\]/g, String.raw`\$&`);
  return `user = "${user}"\naws-sigv4 = "aws:amz:${region}:execute-api"\nsilent\nshow-error\n`;
}

/**
 * Parses the format as AWS's own tools do (AWS SDKs and Tools Reference Guide, "Shared config and credentials files"): blank
 * lines, comments from `#` or `;` at the start of a line or after white space, spaces around `=`, unknown settings. A profile
 * without keys is left out.
 */
export function parseCredentials(text: string, path: string): ReadonlyMap<string, AccessKey> {
  const profiles = new Map<string, { line: number; settings: Map<string, string> }>();
  let settings: Map<string, string> | undefined;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.split(/(?:^|\s)[#;]/, 1)[0]?.trim() ?? '';
    if (line === '') continue;
    const section = /^\[\s*([^\]\s]+)\s*\]$/.exec(line)?.[1];
    if (section !== undefined) {
      const profile = profiles.get(section) ?? { line: index + 1, settings: new Map<string, string>() };
      profiles.set(section, profile);
      settings = profile.settings;
      continue;
    }
    const equals = line.indexOf('=');
    if (settings === undefined || equals < 1) {
      throw badFile(path, `is damaged: line ${index + 1} is neither "[profile]" nor "name = value" within one`);
    }
    settings.set(line.slice(0, equals).trim().toLowerCase(), line.slice(equals + 1).trim());
  }
  return toAccessKeys(profiles, path);
}

function toAccessKeys(
  profiles: ReadonlyMap<string, { line: number; settings: ReadonlyMap<string, string> }>,
  path: string,
): ReadonlyMap<string, AccessKey> {
  const keys = new Map<string, AccessKey>();
  const secrets = new Map<string, string>();
  for (const [profile, { line, settings }] of profiles) {
    const accessKeyId = settings.get('aws_access_key_id');
    const secretAccessKey = settings.get('aws_secret_access_key');
    if (accessKeyId === undefined && secretAccessKey === undefined) continue;
    if (!ACCESS_KEY_ID.test(accessKeyId ?? '') || !SECRET_ACCESS_KEY.test(secretAccessKey ?? '')) {
      throw badFile(path, `is damaged: the profile on line ${line} has no usable pair of access key id and secret`);
    }
    const key = { accessKeyId, secretAccessKey } as AccessKey;
    if ((secrets.get(key.accessKeyId) ?? key.secretAccessKey) !== key.secretAccessKey) {
      throw badFile(path, `is damaged: the profile on line ${line} gives an access key id a second secret`);
    }
    secrets.set(key.accessKeyId, key.secretAccessKey);
    keys.set(profile, key);
  }
  if (keys.size === 0) throw badFile(path, 'is damaged: it holds no profile with an access key');
  return keys;
}
