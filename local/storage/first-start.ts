import { lstat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { CREDENTIALS_FILE, PRINCIPALS_FILE } from '../../lambdas/core/contract/local-mode';
import {
  AUDIT_DIRECTORY,
  CURL_FILES,
  DATABASE_DIRECTORY,
  KEK_FILE,
  KEK_VERSIONS_FILE,
  KEYSETS_DIRECTORY,
  LOG_DIRECTORY,
  VAULT_KEK_FILE,
  VERSION_FILE,
} from '../local-names';
import type { LocalKekSource } from '../../lambdas/core/contract/environment';
import { badFile, createPrivateFile, systemCode } from '../../lambdas/adapters/local/private-file';
import type { KeywardError } from '../../lambdas/core/errors/errors';
import type { Randomness } from '../../lambdas/core/crypto/randomness';

export interface FirstStart {
  /** Whether nothing was ever stored here: only then may keys be made and is an empty database valid. */
  readonly isFirst: boolean;
  /** Ends the first start after a keyset is stored: whatever is missing later is lost. Idempotent. */
  end(): Promise<void>;
}

/** Exists until a first start has stored a keyset, and tells an interrupted first start from a loss. */
const MARK = 'first-start';
/** Files and directories that a start creates, in the order in which a reader would miss them. */
const MADE_BY_A_START = [
  KEK_FILE,
  KEK_VERSIONS_FILE,
  VAULT_KEK_FILE,
  KEYSETS_DIRECTORY,
  DATABASE_DIRECTORY,
  AUDIT_DIRECTORY,
  LOG_DIRECTORY,
  PRINCIPALS_FILE,
  CREDENTIALS_FILE,
  CURL_FILES.administrator,
  CURL_FILES.openaiOnly,
  VERSION_FILE,
] as const;

/**
 * Tells a first start from a start after a loss of any files. Must be called before anything else is created in the directory.
 *
 * @throws KeywardError `configuration_invalid` if the KEK file is missing but files of an earlier start exist: nothing is created
 */
export async function openFirstStart(
  home: string,
  randomness: Randomness,
  kekSource: LocalKekSource = 'local',
  movingFrom?: LocalKekSource,
): Promise<FirstStart> {
  const mark = join(home, MARK);
  const there: string[] = [];
  for (const name of MADE_BY_A_START) if (await exists(join(home, name))) there.push(name);
  const isFirst = there.length === 0 || (await exists(mark));
  const [own, other] = kekSource === 'vault' ? [VAULT_KEK_FILE, KEK_FILE] : [KEK_FILE, VAULT_KEK_FILE];
  const hasOwn = there.includes(own);
  // During a move, and after it, the row of the move tells where the KEK is, once the database is open.
  const mayHaveOther = hasOwn || movingFrom !== undefined;
  if (there.includes(other) && !mayHaveOther) throw otherSource(home, kekSource);
  const isMissing = !isFirst && !hasOwn && !there.includes(other);
  if (isMissing && kekSource === 'vault') {
    throw badFile(
      join(home, VAULT_KEK_FILE),
      `is missing although an earlier start has made ${there.join(', ')}: restore it from a backup`,
    );
  }
  if (isMissing) {
    throw badFile(
      join(home, KEK_FILE),
      `is missing although an earlier start has made ${there.join(', ')}, and nothing that was sealed can be opened without it: restore it from a backup, or move the data directory away to start empty`,
    );
  }
  if (there.length === 0) await createPrivateFile(mark, '', randomness);
  return {
    isFirst,
    end: async () => {
      await unlink(mark).catch(() => undefined);
    },
  };
}

const otherSource = (home: string, kekSource: LocalKekSource): KeywardError =>
  kekSource === 'vault'
    ? badFile(
        join(home, KEK_FILE),
        'holds the KEK of this data directory: leave SECRETS_PROVIDER out, or move the KEK to Vault (docs/vault.md), or set KEYWARD_HOME to an empty directory',
      )
    : badFile(
        join(home, VAULT_KEK_FILE),
        'says that the KEK of this data directory is in Vault: set SECRETS_PROVIDER=vault',
      );

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return false;
    throw badFile(path, `cannot be read (${systemCode(thrown)})`);
  }
}
