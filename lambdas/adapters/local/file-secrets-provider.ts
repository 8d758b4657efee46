import { keysUnavailable } from '../../core/domain/errors';
import { newKekSecretRecord, parseKekSecret, serializeKekSecret, type KekKeyset } from '../../core/domain/kek-keyset';
import type { Randomness } from '../../core/domain/randomness';
import type { Clock } from '../../core/ports/clock';
import type { SecretsProvider } from '../../core/ports/secrets-provider';
import { badFile, createPrivateFile, readPrivateFile } from './private-file';

/** The file is read again once its copy is this old. */
const REREAD_AFTER_MS = 60_000;
/** A copy serves at most this long while the file cannot be read. */
const STALE_LIMIT_MS = 86_400_000;

/**
 * Opens the KEK file at `path`, the value of the KEK secret in a file of mode 0600.
 *
 * @throws KeywardError `configuration_invalid`, one sentence with the path, where the file is missing, unreadable,
 *   readable by others or damaged. Nothing is written.
 */
export async function openKekFile(path: string, clock: Clock): Promise<SecretsProvider> {
  const text = await readPrivateFile(path);
  if (text === undefined) throw badFile(path, 'does not exist');
  try {
    return new FileSecretsProvider(path, clock, parseKekSecret(text));
  } catch {
    throw badFile(path, 'is damaged: restore it from a backup, because no stored key can be decrypted without it');
  }
}

/**
 * Creates the KEK file with one fresh KEK where there is none. An existing file is left as it is.
 *
 * @param mayCreate whether nothing exists that was ever wrapped under a KEK of a file that is now lost. Asked only
 *   where the file is missing
 * @returns whether this call made it
 * @throws KeywardError `configuration_invalid` where the file is missing and must not be replaced, or cannot be written
 */
export async function createKekFile(
  path: string,
  mayCreate: boolean | (() => Promise<boolean>),
  clock: Clock,
  randomness: Randomness,
): Promise<boolean> {
  if ((await readPrivateFile(path)) !== undefined) return false;
  if (!(typeof mayCreate === 'boolean' ? mayCreate : await mayCreate())) {
    throw badFile(path, 'is missing although keys were wrapped with it: restore it from a backup, or start empty');
  }
  return createPrivateFile(path, serializeKekSecret(newKekSecretRecord(randomness, clock.now())), randomness);
}

/** KEKs from a file. Keeps the last good copy for 24 hours while the file is damaged or gone. */
class FileSecretsProvider implements SecretsProvider {
  private readAt: number;
  private checkedAt: number;
  private reading: Promise<KekKeyset> | undefined;

  constructor(
    private readonly path: string,
    private readonly clock: Clock,
    private keys: KekKeyset,
  ) {
    this.readAt = this.checkedAt = clock.now();
  }

  async current(): Promise<KekKeyset> {
    if (Math.abs(this.clock.now() - this.checkedAt) < REREAD_AFTER_MS) return this.keys;
    try {
      return await this.refresh();
    } catch (error) {
      if (this.clock.now() - this.readAt > STALE_LIMIT_MS) throw error;
      return this.keys;
    }
  }

  refresh(): Promise<KekKeyset> {
    this.reading ??= this.read().finally(() => {
      this.reading = undefined;
    });
    return this.reading;
  }

  private async read(): Promise<KekKeyset> {
    this.checkedAt = this.clock.now();
    const text = await readPrivateFile(this.path).catch(() => undefined);
    if (text === undefined) throw keysUnavailable('kek_missing');
    this.keys = parseKekSecret(text);
    this.readAt = this.clock.now();
    return this.keys;
  }
}
