import { KeywardError } from '../errors/errors';
import { parseKekSecret, readKekSecretRecord } from '../crypto/kek-keyset';
import type { Clock } from '../ports/clock';
import type { KekSecretStore } from './ports/kek-secret-store';
import { UnfitKekSecret, type KekSecretVersion } from './check-pending-kek';
import { holderOfCurrent } from './staged-versions';

/** Maximum length of the chain of parents: Secrets Manager keeps about 100 versions. */
const MAX_ANCESTORS = 100;
/** Attempts and pause for reading a value that was just written and is not visible yet. */
const READ_ATTEMPTS = 4;
const READ_PAUSE_MS = 250;

/** Reads versions of the KEK secret, in which a new version may not be visible yet. */
export class KekVersions {
  constructor(private readonly deps: { readonly secret: KekSecretStore; readonly clock: Clock }) {}

  /** Reads the value of a version, with a few retries while there is none. */
  async valueOf(versionId: string): Promise<string | undefined> {
    for (let attempt = 1; attempt < READ_ATTEMPTS; attempt += 1) {
      const text = await this.deps.secret.value(versionId);
      if (text !== undefined) return text;
      await this.deps.clock.sleep(READ_PAUSE_MS * attempt);
    }
    return this.deps.secret.value(versionId);
  }

  /**
   * Reads the value of AWSCURRENT; undefined for the placeholder.
   *
   * @throws UnfitKekSecret if it is damaged: nothing is built on it
   */
  async current(versionId: string): Promise<KekSecretVersion | undefined> {
    const text = await this.valueOf(versionId);
    if (text === undefined) throw new KeywardError('conflict', 'the current value is not readable');
    const found = readKekSecretRecord(text);
    if (found === 'kek_missing') return undefined;
    if (found === 'kek_damaged') throw new UnfitKekSecret('the current value is damaged: restore the secret', found);
    return { record: found, keyset: parseKekSecret(text) };
  }

  /** Reads which version has AWSCURRENT, with a few retries while it is still `known`. */
  async holderAfter(known: string): Promise<string> {
    for (let attempt = 1; attempt < READ_ATTEMPTS; attempt += 1) {
      const holder = holderOfCurrent(await this.deps.secret.versions());
      if (holder !== known) return holder;
      await this.deps.clock.sleep(READ_PAUSE_MS * attempt);
    }
    return holderOfCurrent(await this.deps.secret.versions());
  }

  /** Whether `token` is or was current: it is the current version or an ancestor of it. */
  async wasCurrent(token: string, current: string): Promise<boolean> {
    let versionId: string | null = current;
    for (let step = 0; step < MAX_ANCESTORS && versionId !== null; step += 1) {
      if (versionId === token) return true;
      const text: string | undefined = await this.deps.secret.value(versionId);
      versionId = parsedKekSecret(text)?.record.parent_version_id ?? null;
    }
    return false;
  }
}

/** Undefined if the text is not a KEK secret; the placeholder is not one. */
export function parsedKekSecret(text: string | undefined): KekSecretVersion | undefined {
  if (text === undefined) return undefined;
  const record = readKekSecretRecord(text);
  return typeof record === 'string' ? undefined : { record, keyset: parseKekSecret(text) };
}
