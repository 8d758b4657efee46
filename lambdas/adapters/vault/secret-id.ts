import { createHash } from 'node:crypto';
import { VAULT_ENVIRONMENT } from '../../core/contract/vault';
import { canonicalJson } from '../../core/crypto/canonical-json';
import { isRecord } from '../../core/crypto/record-checks';
import { parseStrictJson } from '../../core/crypto/strict-json';
import { KeywardError } from '../../core/errors/errors';
import type { Logger } from '../../core/ports/logger';
import type { VaultCalls } from './vault-calls';
import type { OwnSecretId, SecretIdSetting } from './vault-settings';

/** Gives the secret id of the AppRole, each time anew: it may have been replaced. */
export type ReadSecretId = () => Promise<string>;

/** The files of a process that may keep some. */
export interface SecretIdFiles {
  /** Reads `VAULT_SECRET_ID_FILE`; undefined if it does not exist. */
  readonly read: (path: string) => Promise<string | undefined>;
  /** The secret id that was unwrapped before, with mode 0600. */
  readonly readKept: () => Promise<string | undefined>;
  /** Keeps it durably in place of another. */
  readonly keep: (text: string) => Promise<void>;
}

export interface SecretIdDependencies {
  readonly calls: VaultCalls;
  readonly files: SecretIdFiles;
  readonly logger: Logger;
}

/** Where AppRole's secret ids are made: a token that wraps anything else was put in its place. */
const CREATION_PATH = /^auth\/approle\/role\/[^/]+\/(?:custom-)?secret-id$/;

const { secretIdFile, wrappedSecretId } = VAULT_ENVIRONMENT;

/** Makes the way to the secret id that the configuration names. */
export function createReadSecretId(setting: SecretIdSetting, deps: SecretIdDependencies): ReadSecretId {
  switch (setting.kind) {
    case 'value':
    case 'file':
      return createReadOwnSecretId(setting, deps.files.read);
    case 'wrapped':
      return () => unwrapOnce(setting.token, deps);
  }
}

/** Makes the way to a secret id that the process has, in a variable or in a file that is read each time. */
export function createReadOwnSecretId(setting: OwnSecretId, read: SecretIdFiles['read']): ReadSecretId {
  return setting.kind === 'value' ? () => Promise.resolve(setting.value) : () => fromFile(setting.path, read);
}

async function fromFile(path: string, read: SecretIdFiles['read']): Promise<string> {
  const secretId = (await read(path))?.trim();
  if (secretId === undefined) throw invalid(`${secretIdFile} names a file that does not exist`);
  if (secretId === '' || !/^[\x21-\x7e]+$/.test(secretId))
    throw invalid(`${secretIdFile} names a file without a secret id`);
  return secretId;
}

/**
 * Unwraps the secret id once, after it has looked whether the token wraps what it should ("Response wrapping", token
 * validation), and keeps it beside the hash of the token, so that a restart does not unwrap again. A token that is not valid any
 * more was unwrapped by somebody else, or it has expired: Vault does not tell the two apart, so both are an alarm.
 */
async function unwrapOnce(token: string, { calls, files, logger }: SecretIdDependencies): Promise<string> {
  const kept = keptSecretId(await files.readKept(), token);
  if (kept !== undefined) return kept;
  const misused = (): KeywardError => {
    logger.error('the wrapping token of the secret id is not valid: somebody else may have the secret id', {
      operation: 'unwrap',
    });
    return invalid(
      `${wrappedSecretId} is no valid wrapping token: it has expired, or somebody else has unwrapped it and has the secret id; destroy that secret id, find out who, and make a new one`,
    );
  };
  const lookup = {
    operation: 'wrapping lookup',
    method: 'POST',
    path: 'sys/wrapping/lookup',
    body: { token },
  } as const;
  const looked = await calls.send({ ...lookup, answers: [400, 403] });
  if (looked.status >= 400) throw misused();
  const { data } = looked.body;
  const path = isRecord(data) ? data['creation_path'] : undefined;
  if (typeof path !== 'string' || !CREATION_PATH.test(path)) {
    logger.error('the wrapping token wraps no secret id', { operation: 'unwrap' });
    throw invalid(
      `${wrappedSecretId} wraps something that is no secret id of an AppRole: somebody may have replaced it`,
    );
  }
  const unwrap = { operation: 'unwrap', method: 'POST', path: 'sys/wrapping/unwrap', body: {} } as const;
  const unwrapped = await calls.send({ ...unwrap, token, answers: [400, 403] });
  if (unwrapped.status >= 400) throw misused();
  const { data: secret } = unwrapped.body;
  const secretId = isRecord(secret) ? secret['secret_id'] : undefined;
  if (typeof secretId !== 'string') throw calls.unusable('unwrap');
  await files.keep(canonicalJson({ secret_id: secretId, wrapping_token_sha256: hashOf(token) }));
  return secretId;
}

/** The secret id that a wrapping token gave, from the text that was kept; undefined if that is of another token, or damaged. */
export function keptSecretId(text: string | undefined, token: string): string | undefined {
  const kept = text === undefined ? undefined : parseStrictJson(text);
  if (!isRecord(kept) || kept['wrapping_token_sha256'] !== hashOf(token)) return undefined;
  const { secret_id: secretId } = kept;
  return typeof secretId === 'string' ? secretId : undefined;
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

const invalid = (message: string): KeywardError => new KeywardError('configuration_invalid', message);
