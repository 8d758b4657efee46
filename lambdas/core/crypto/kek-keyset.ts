import { createSecretKey, type KeyObject } from 'node:crypto';
import { KEK_ID_PATTERN } from '../contract/names';
import { decodeCanonicalBase64 } from './canonical-base64';
import { canonicalJson } from './canonical-json';
import { keysUnavailable } from '../errors/errors';
import { newId, type Randomness } from './randomness';
import { isRecord, isTimestamp } from './record-checks';
import { parseStrictJson } from './strict-json';

/** One key-encryption key, ready for use. */
export interface Kek {
  readonly id: string;
  readonly key: KeyObject;
}

/** `primary` wraps and unwraps; `unwrap_only` still unwraps what it wrapped before. */
type KekState = 'primary' | 'unwrap_only';

/** One entry of the secret's `keys`. `material` is the canonical base64 of 32 bytes; times are ISO 8601 in UTC. */
export interface KekRecord {
  readonly material: string;
  readonly created_at: string;
  readonly state: KekState;
  /** When it stopped being the primary; absent on the primary. */
  readonly retired_at?: string;
  /** When it was first seen that no keyset refers to it; removed when one does. */
  readonly unreferenced_since?: string;
}

/** The JSON value of the KEK secret, schema 1. `parent_version_id` is the secret version that it was built from. */
export interface KekSecretRecord {
  readonly schema: 1;
  readonly primary: string;
  readonly parent_version_id: string | null;
  readonly keys: Readonly<Record<string, KekRecord>>;
}

/** Every KEK that is still needed, without raw material. */
export interface KekKeyset {
  readonly primary: Kek;
  readonly keks: ReadonlyMap<string, Kek>;
  /** When the primary was made, ISO 8601 in UTC. */
  readonly primaryCreatedAt: string;
}

const KEK_BYTES = 32;
/** Secrets Manager's limit for a secret value. */
export const MAX_KEK_SECRET_BYTES = 65_536;

/**
 * Reads the value of the KEK secret.
 *
 * @throws KeywardError `keys_unavailable`: reason `kek_missing` for the placeholder of a new deployment (a JSON object of schema
 *   1 without keys), `kek_damaged` for any other value that is not exactly a KEK secret. Never echoes the value.
 */
export function parseKekSecret(text: string): KekKeyset {
  const record = parseKekSecretRecord(text);
  const keks = new Map<string, Kek>();
  for (const [id, entry] of Object.entries(record.keys)) keks.set(id, { id, key: toKekKey(entry.material) });
  // The check ensures that the primary is among the keys.
  const primary = keks.get(record.primary) as Kek;
  const { created_at: primaryCreatedAt } = record.keys[record.primary] as KekRecord;
  return { primary, keks, primaryCreatedAt };
}

/**
 * As {@link parseKekSecret}, but returns the checked record, from which the next one is built. Members of a later release are
 * kept at any depth. {@link serializeKekSecret} can write every record that this returns.
 *
 * @throws KeywardError `keys_unavailable`, as parseKekSecret
 */
export function parseKekSecretRecord(text: string): KekSecretRecord {
  const found = readKekSecretRecord(text);
  if (typeof found === 'string') throw keysUnavailable(found);
  return found;
}

/** As {@link parseKekSecretRecord}, but returns the reason in place of an error. */
export function readKekSecretRecord(text: string): KekSecretRecord | 'kek_missing' | 'kek_damaged' {
  if (Buffer.byteLength(text, 'utf8') > MAX_KEK_SECRET_BYTES) return 'kek_damaged';
  const value: unknown = parseStrictJson(text);
  if (isRecord(value) && value['schema'] === 1 && value['keys'] === undefined) return 'kek_missing';
  if (!isKekSecretRecord(value)) return 'kek_damaged';
  // `1e20` has four characters here and 21 in canonical JSON: the record must fit when it is written again.
  return Buffer.byteLength(serializeKekSecret(value), 'utf8') > MAX_KEK_SECRET_BYTES ? 'kek_damaged' : value;
}

/** The first value of the secret: one new KEK, and no parent. */
export function newKekSecretRecord(randomness: Randomness, now: number): KekSecretRecord {
  const id = `kek-${newId(randomness).slice(0, 16)}`;
  const material = randomness.secretBytes(KEK_BYTES);
  const entry: KekRecord = {
    material: material.toString('base64'),
    created_at: new Date(now).toISOString(),
    state: 'primary',
  };
  material.fill(0);
  return { schema: 1, primary: id, parent_version_id: null, keys: { [id]: entry } };
}

/** The canonical text of a KEK secret. */
export const serializeKekSecret = (record: KekSecretRecord): string => canonicalJson(record);

function isKekSecretRecord(value: unknown): value is KekSecretRecord {
  if (!isRecord(value) || value['schema'] !== 1 || !isRecord(value['keys'])) return false;
  const { primary, parent_version_id: parent, keys } = value;
  if (typeof primary !== 'string' || !(parent === null || typeof parent === 'string')) return false;
  return (
    Object.hasOwn(keys, primary) &&
    Object.entries(keys).every(
      ([id, entry]) =>
        KEK_ID_PATTERN.test(id) && isKekRecord(entry) && (entry.state === 'primary') === (id === primary),
    ) &&
    hasDistinctMaterials(keys as Record<string, KekRecord>)
  );
}

function isKekRecord(value: unknown): value is KekRecord {
  if (!isRecord(value) || typeof value['material'] !== 'string') return false;
  const material = decodeCanonicalBase64(value['material']);
  const rightLength = material?.length === KEK_BYTES;
  material?.fill(0);
  return (
    rightLength &&
    isTimestamp(value['created_at']) &&
    (value['state'] === 'primary' || value['state'] === 'unwrap_only') &&
    (value['retired_at'] === undefined || isTimestamp(value['retired_at'])) &&
    (value['unreferenced_since'] === undefined || isTimestamp(value['unreferenced_since']))
  );
}

/** Two ids for one key would break "one key id, one key". */
function hasDistinctMaterials(keys: Readonly<Record<string, KekRecord>>): boolean {
  const materials = Object.values(keys).map((entry) => entry.material);
  return new Set(materials).size === materials.length;
}

function toKekKey(material: string): KeyObject {
  const bytes = Buffer.from(material, 'base64');
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return key;
}
