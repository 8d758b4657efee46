import { MAX_KEY_VERSION } from '../../../core/contract/names';
import { canonicalJson } from '../../../core/crypto/canonical-json';
import {
  isDamaged,
  isPreviousDamaged,
  isTombstone,
  MAX_HINT_CHARACTERS,
  MAX_METADATA_BYTES,
  type CredentialMetadata,
  type CredentialRecord,
  type CredentialTombstone,
  type DamagedCredential,
  type PreviousValue,
  type StoredPreviousValue,
  type StoredRow,
} from '../../../core/credentials/credential';
import { heldValues } from '../../../core/credentials/held-values';
import type { DeletedCredential, ListedCredential } from '../../../core/credentials/ports/credential-store';
import { isCount, isRecord, isTimestamp } from '../../../core/crypto/record-checks';
import { parseStrictJson } from '../../../core/crypto/strict-json';
import { credentialShard } from './dynamodb-tables';

/** Filter conditions: live credentials; deleted ones that can be restored; and all rows with a value. */
export const IS_LIVE = 'attribute_not_exists(deleted_at)';
export const HOLDS_PREVIOUS = 'attribute_exists(deleted_at) AND attribute_exists(previous)';
export const HOLDS_A_VALUE = 'attribute_not_exists(deleted_at) OR attribute_exists(previous)';

/** The version of a value that has lost its version: it counts as not yet rekeyed. */
const NO_VERSION = 0;

const PLACE = ['revision', 'replaced_at'];
const BESIDE = ['key_version', 'hint', 'metadata', 'created_at', 'updated_at'];

/** Placeholders, because `name` is a reserved word. */
const projected = (row: readonly string[], previous: readonly string[]) => ({
  ProjectionExpression: [...row.map((name) => `#${name}`), ...previous.map((name) => `#previous.#${name}`)].join(', '),
  names: Object.fromEntries([...row, ...previous, 'previous'].map((name) => [`#${name}`, name])),
});

/**
 * Attributes for lists: no ciphertext, and only the place of a live credential's previous value. Each attribute costs something
 * for each of many rows.
 */
const ROW = ['provider', 'name', 'revision', 'write_id'];
export const LISTED_ATTRIBUTES = projected([...ROW, 'current_key_version', ...BESIDE], PLACE);
export const DELETED_ATTRIBUTES = projected([...ROW, 'deleted_at'], [...PLACE, ...BESIDE]);

/** Attributes for counting values by version; the previous value as a whole, because a damaged one may lack parts. */
const COUNTED = ['key_version', 'current_key_version', 'deleted_at', 'previous'];
export const COUNTED_ATTRIBUTES = {
  ProjectionExpression: COUNTED.map((name) => `#${name}`).join(', '),
  ExpressionAttributeNames: Object.fromEntries(COUNTED.map((name) => [`#${name}`, name])),
};

/**
 * The table's item of a credential, with its partition key. Metadata is JSON text and not a map, because DynamoDB refuses empty
 * member names. `key_version` is that of the oldest value, so that the index finds every row with work to do; with a previous
 * value, `current_key_version` is that of the current one. A tombstone without a value has neither, and so no entry in the index.
 */
export function toCredentialItem(row: StoredRow & { readonly write_id: string }): Record<string, unknown> {
  const { provider, name, write_id: writeId, revision, previous } = row;
  const { key_version: stored, current_key_version: _, previous: __, ...members } = membersOf(row);
  return {
    ...members,
    provider,
    name,
    write_id: writeId,
    ...(revision !== undefined && { revision }),
    provider_shard: credentialShard(provider, name),
    ...versionsOf(row, stored),
    ...(previous !== undefined && { previous: toPreviousItem(previous) }),
  };
}

function membersOf(row: StoredRow): Readonly<Record<string, unknown>> {
  if (isDamaged(row)) return row.row;
  return isTombstone(row) ? { ...row } : { ...row, metadata: canonicalJson(row.metadata) };
}

/** @param stored the stored attribute of a row whose version is lost */
function versionsOf(row: StoredRow, stored: unknown): Record<string, unknown> {
  const versions = heldValues(row).map(({ key_version: version }) => version);
  if (versions.includes(NO_VERSION)) return stored === undefined ? {} : { key_version: stored };
  return {
    ...(versions.length > 0 && { key_version: Math.min(...versions) }),
    ...(versions.length > 1 && { current_key_version: versions[0] }),
  };
}

const toPreviousItem = (previous: StoredPreviousValue): unknown =>
  isPreviousDamaged(previous) ? previous.stored : { ...previous, metadata: canonicalJson(previous.metadata) };

/** A live credential of an item with {@link LISTED_ATTRIBUTES}. */
export function fromListedItem(provider: string, name: string, item: unknown): ListedCredential | DamagedCredential {
  const { previous, ...rest } = isRecord(item) ? item : {};
  const row = fromCredentialItem(provider, name, rest) as Omit<CredentialRecord, 'previous'> | DamagedCredential;
  if (isDamaged(row)) return row;
  const { ciphertext: _, ...listed } = row;
  const { revision, replaced_at: replacedAt } = isRecord(previous) ? previous : {};
  const isPlace = isCount(revision, 1) && isTimestamp(replacedAt);
  return { ...listed, ...(isPlace && { previous: { revision, replaced_at: replacedAt } }) };
}

/** A deleted credential of an item with {@link DELETED_ATTRIBUTES}. */
export function fromDeletedItem(provider: string, name: string, item: unknown): DeletedCredential | DamagedCredential {
  const row = fromCredentialItem(provider, name, item) as CredentialTombstone | DamagedCredential;
  if (isDamaged(row) || row.previous === undefined || isPreviousDamaged(row.previous)) return row;
  const { ciphertext: _, ...previous } = row.previous;
  return { ...row, previous };
}

/**
 * Reads an item of {@link toCredentialItem}, members of a later release included. Returns a DamagedCredential if the table was
 * edited and a member that is shown or written is not valid. A row with a missing ciphertext or edited metadata can be shown and
 * does not open: the token is bound to the original metadata.
 */
export function fromCredentialItem(provider: string, name: string, item: unknown): StoredRow {
  if (!isRecord(item)) return { provider, name, damaged: true, key_version: NO_VERSION, row: {} };
  const { provider_shard: _, previous: storedPrevious, current_key_version: current, ...record } = item;
  const { key_version: oldest, ...members } = record;
  const { revision, write_id: writeId, deleted_at: deletedAt } = record;
  const keyVersion = currentVersion(current, oldest);
  const previous = storedPrevious === undefined ? {} : { previous: fromPreviousItem(storedPrevious) };
  const isOurs = record['provider'] === provider && !('damaged' in record);
  const isInPlace = isOurs && isCount(revision, 1) && isText(writeId);
  if (isInPlace && deletedAt !== undefined) {
    const deleted = isTimestamp(deletedAt) ? deletedAt : '';
    return { ...members, provider, name, revision, write_id: writeId, deleted_at: deleted, ...previous };
  }
  if (isInPlace && isKeyVersion(keyVersion) && isShowable(record)) {
    return { ...members, provider, name, ...readable(record, keyVersion), ...previous } as CredentialRecord;
  }
  return {
    provider,
    name,
    damaged: true,
    key_version: versionOrNone(keyVersion),
    ...(isCount(revision, 1) && { revision }),
    ...(isText(writeId) && { write_id: writeId }),
    ...previous,
    row: record,
  };
}

function fromPreviousItem(stored: unknown): StoredPreviousValue {
  const record = isRecord(stored) ? stored : {};
  const { revision, replaced_at: replacedAt, key_version: keyVersion } = record;
  const isInPlace = isCount(revision, 1) && isTimestamp(replacedAt) && !('damaged' in record);
  if (isInPlace && isKeyVersion(keyVersion) && isShowable(record)) {
    return { ...record, ...readable(record, keyVersion) } as unknown as PreviousValue;
  }
  return { damaged: true, key_version: versionOrNone(keyVersion), stored };
}

/**
 * The version of the current value. A release without previous values rekeyed the current one and wrote `key_version` alone: then
 * that is the higher one, because a rekey never lowers a version.
 */
const currentVersion = (current: unknown, oldest: unknown): unknown =>
  isKeyVersion(current) && isKeyVersion(oldest) ? Math.max(current, oldest) : (current ?? oldest);

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isKeyVersion = (value: unknown): value is number => isCount(value, 1) && value <= MAX_KEY_VERSION;
const versionOrNone = (value: unknown): number => (isKeyVersion(value) ? value : NO_VERSION);

/** The versions of the values of a row that was read with {@link COUNTED_ATTRIBUTES}. */
export function countedVersions(item: unknown): readonly number[] {
  const row = isRecord(item) ? item : {};
  const { previous } = row;
  return [
    ...('deleted_at' in row ? [] : [versionOrNone(currentVersion(row['current_key_version'], row['key_version']))]),
    ...(previous === undefined ? [] : [versionOrNone(isRecord(previous) ? previous['key_version'] : undefined)]),
  ];
}

const isShowable = (record: Readonly<Record<string, unknown>>): boolean =>
  typeof record['hint'] === 'string' &&
  Array.from(record['hint']).length <= MAX_HINT_CHARACTERS &&
  isTimestamp(record['created_at']) &&
  isTimestamp(record['updated_at']);

/** Members that every value has, or defaults for lost ones. */
const readable = (record: Readonly<Record<string, unknown>>, keyVersion: number) => ({
  key_version: keyVersion,
  ciphertext: isText(record['ciphertext']) ? record['ciphertext'] : '',
  metadata: parseMetadata(record['metadata']),
});

/** Metadata that is not valid reads as none, so that one row does not stop the list of the others. */
function parseMetadata(text: unknown): CredentialMetadata {
  const value =
    typeof text === 'string' && Buffer.byteLength(text, 'utf8') <= MAX_METADATA_BYTES
      ? parseStrictJson(text)
      : undefined;
  return isRecord(value) ? value : {};
}
