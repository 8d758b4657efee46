import type { KeywardError } from '../../core/errors/errors';
import { KEK_MAX_STALE_MS } from '../../core/contract/protocol-times';
import { keysUnavailable } from '../../core/errors/errors';
import {
  newKekSecretRecord,
  parseKekSecret,
  parseKekSecretRecord,
  serializeKekSecret,
  type KekKeyset,
  type KekSecretRecord,
} from '../../core/crypto/kek-keyset';
import type { Randomness } from '../../core/crypto/randomness';
import type { Clock } from '../../core/ports/clock';
import type { SecretsProvider } from '../../core/keysets/ports/secrets-provider';
import { badFile, createPrivateFile, readPrivateFile } from './private-file';

/** Age from which the copy of the file is refreshed. */
const REREAD_AFTER_MS = 60_000;

/**
 * The file compared with the KEKs that the process holds: `good` has them, `unusable` cannot be read, is not a KEK file or is
 * accessible to others; `another` lacks a KEK that keysets need or may need.
 */
export type KekFileState = 'good' | 'missing' | 'unusable' | 'another';

/** The KEK file of a running process. */
export interface KekFile extends SecretsProvider {
  /** Reads the file now. Never rejects. */
  look(): Promise<KekFileState>;

  /**
   * Writes the held KEKs atomically if there is no file. Never replaces a file.
   *
   * @returns whether this call wrote it; false also if the held KEKs are not those that stored keysets need, or that is unknown
   * @throws KeywardError `configuration_invalid` if it cannot be written
   */
  writeBack(): Promise<boolean>;
}

export interface KekFileOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** Returns the ids of the KEKs that stored keysets need; rejects if that is unknown. */
  readonly inUse: () => Promise<ReadonlySet<string>>;
}

/**
 * Opens the KEK file at `path`, the value of the KEK secret in a file of mode 0600.
 *
 * @throws KeywardError `configuration_invalid`, one sentence with the path, if the file is missing, unreadable, readable by
 *   others or damaged. Nothing is written.
 */
export async function openKekFile(options: KekFileOptions): Promise<KekFile> {
  const { path } = options;
  const text = await readPrivateFile(path);
  if (text === undefined) throw badFile(path, 'does not exist');
  return new OpenedKekFile(options, parse(path, text), withoutMaterial(text));
}

function parse(path: string, text: string): KekKeyset {
  try {
    return parseKekSecret(text);
  } catch {
    throw badFile(path, 'is damaged: restore it from a backup, because no stored key can be decrypted without it');
  }
}

/**
 * Checks that the KEK file, if it exists, can be opened.
 *
 * @throws KeywardError `configuration_invalid`, as {@link openKekFile}
 */
export async function checkKekFile(path: string): Promise<void> {
  const text = await readPrivateFile(path);
  if (text !== undefined) parse(path, text);
}

/**
 * Creates the KEK file with one new KEK if there is none. Does not change an existing file.
 *
 * @param mayCreate whether no data exists that was wrapped under a KEK of a lost file; called only if the file is missing
 * @returns whether this call made it
 * @throws KeywardError `configuration_invalid` if the file is missing and must not be replaced, or cannot be written
 */
export async function createKekFile(
  path: string,
  mayCreate: boolean | (() => Promise<boolean>),
  clock: Clock,
  randomness: Randomness,
): Promise<boolean> {
  if ((await readPrivateFile(path)) !== undefined) return false;
  if (!(typeof mayCreate === 'boolean' ? mayCreate : await mayCreate())) {
    throw badFile(
      path,
      'is missing although the data directory was in use, and nothing in it can be decrypted without it: restore it from a backup, or move the data directory away to start empty',
    );
  }
  return createPrivateFile(path, serializeKekSecret(newKekSecretRecord(randomness, clock.now())), randomness);
}

/** The record without key material, which stays in KeyObjects alone. */
function withoutMaterial(text: string): KekSecretRecord {
  const record = parseKekSecretRecord(text);
  const keys = Object.entries(record.keys).map(([id, key]) => [id, { ...key, material: '' }] as const);
  return { ...record, keys: Object.fromEntries(keys) };
}

/**
 * KEKs from a file. The copy is replaced only by a file that still opens all stored data; otherwise the copy is served for 24
 * hours.
 */
class OpenedKekFile implements KekFile {
  private readAt: number;
  private checkedAt: number;
  private looking: Promise<KekFileState> | undefined;
  /** Undefined until it was compared with the stored keysets. */
  private state: KekFileState | undefined;

  constructor(
    private readonly deps: KekFileOptions,
    private keys: KekKeyset,
    private record: KekSecretRecord,
  ) {
    this.readAt = this.checkedAt = deps.clock.now();
  }

  async current(): Promise<KekKeyset> {
    if (Math.abs(this.deps.clock.now() - this.checkedAt) < REREAD_AFTER_MS) return this.keys;
    const state = await this.look();
    if (state !== 'good' && this.deps.clock.now() - this.readAt > KEK_MAX_STALE_MS) throw unavailable(state);
    return this.keys;
  }

  async refresh(): Promise<KekKeyset> {
    const state = await this.look();
    // A caller that needs a KEK id which both lack reports that itself.
    if (state === 'missing' || state === 'unusable') throw unavailable(state);
    return this.keys;
  }

  look(): Promise<KekFileState> {
    this.looking ??= this.read().finally(() => {
      this.looking = undefined;
    });
    return this.looking;
  }

  async writeBack(): Promise<boolean> {
    if (!(await this.suffices(this.keys, []))) return false;
    const keys = Object.entries(this.record.keys).map(([id, key]) => {
      const bytes = this.keys.keks.get(id)?.key.export();
      const material = bytes?.toString('base64') ?? '';
      bytes?.fill(0);
      return [id, { ...key, material }] as const;
    });
    const text = serializeKekSecret({ ...this.record, keys: Object.fromEntries(keys) });
    return createPrivateFile(this.deps.path, text, this.deps.randomness);
  }

  private async read(): Promise<KekFileState> {
    this.checkedAt = this.deps.clock.now();
    const state = await this.compare().catch(() => 'unusable' as const);
    if (state === 'good') this.readAt = this.checkedAt;
    this.state = state;
    return state;
  }

  private async compare(): Promise<KekFileState> {
    const text = await readPrivateFile(this.deps.path);
    if (text === undefined) return 'missing';
    const found = parseKekSecret(text);
    const lacking = [...this.keys.keks.keys()].filter((id) => !hasSame(found, this.keys, id));
    const isSame = lacking.length === 0 && found.keks.size === this.keys.keks.size;
    if (!(isSame && this.state === 'good') && !(await this.suffices(found, lacking))) return 'another';
    this.keys = found;
    this.record = withoutMaterial(text);
    return 'good';
  }

  /** Whether keysets need none of the lacking KEKs and no other missing one. */
  private async suffices(found: KekKeyset, lacking: readonly string[]): Promise<boolean> {
    try {
      const needed = await this.deps.inUse();
      return lacking.every((id) => !needed.has(id)) && [...needed].every((id) => found.keks.has(id));
    } catch {
      return false;
    }
  }
}

const hasSame = (one: KekKeyset, other: KekKeyset, id: string): boolean => {
  const [key, otherKey] = [one.keks.get(id)?.key, other.keks.get(id)?.key];
  return key !== undefined && otherKey !== undefined && key.equals(otherKey);
};

const unavailable = (state: KekFileState): KeywardError =>
  keysUnavailable(state === 'unusable' ? 'kek_damaged' : 'kek_missing');
