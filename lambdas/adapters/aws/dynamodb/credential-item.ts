import { MAX_KEY_VERSION } from '../../../core/contract/names';
import { canonicalJson } from '../../../core/crypto/canonical-json';
import {
  isTombstone,
  MAX_HINT_CHARACTERS,
  MAX_METADATA_BYTES,
  type CredentialMetadata,
  type CredentialRecord,
  type DamagedCredential,
  type StoredCredential,
} from '../../../core/credentials/credential';
import { isCount, isRecord, isTimestamp } from '../../../core/crypto/record-checks';
import { parseStrictJson } from '../../../core/crypto/strict-json';
import { credentialShard } from './dynamodb-tables';

/** The condition of a filter that leaves no tombstone. */
export const IS_LIVE = 'attribute_not_exists(deleted_at)';

/**
 * A credential as the table holds it, with its partition key. Metadata is the caller's and therefore JSON text, not a map:
 * DynamoDB refuses member names without a character. A tombstone has no `key_version` and so no entry in the index.
 */
export const toCredentialItem = (record: StoredCredential): Record<string, unknown> => ({
  ...record,
  provider_shard: credentialShard(record.provider, record.name),
  ...(isTombstone(record) ? {} : { metadata: canonicalJson(record.metadata) }),
});

export const isDamaged = (stored: StoredCredential | DamagedCredential): stored is DamagedCredential =>
  'damaged' in stored;

/**
 * The credential that {@link toCredentialItem} was given, members that a later release adds included; or what is left of it,
 * where somebody has edited the table and a member that is shown or written is no longer what it was. Without a ciphertext
 * or with other metadata it can be shown, and does not open: the token is bound to what it was.
 */
export function fromCredentialItem(
  provider: string,
  name: string,
  item: unknown,
): StoredCredential | DamagedCredential {
  if (!isRecord(item)) return { provider, name, damaged: true, key_version: 0 };
  const { provider_shard: _, ...record } = item;
  const place = { ...record, provider, name };
  const { revision, write_id: writeId, deleted_at: deletedAt } = record;
  const isInPlace = record['provider'] === provider && isCount(revision, 1) && isText(writeId);
  if (isInPlace && deletedAt !== undefined) {
    return { ...place, revision, write_id: writeId, deleted_at: isTimestamp(deletedAt) ? deletedAt : '' };
  }
  if (isInPlace && isShowable(record)) {
    return {
      ...place,
      ...record,
      ciphertext: isText(record['ciphertext']) ? record['ciphertext'] : '',
      metadata: parseMetadata(record['metadata']),
    } as CredentialRecord;
  }
  return {
    provider,
    name,
    damaged: true,
    key_version: isKeyVersion(record['key_version']) ? record['key_version'] : 0,
    ...(isCount(revision, 1) && { revision }),
    ...(isText(writeId) && { write_id: writeId }),
  };
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isKeyVersion = (value: unknown): value is number => isCount(value, 1) && value <= MAX_KEY_VERSION;

const isShowable = (record: Readonly<Record<string, unknown>>): boolean =>
  isKeyVersion(record['key_version']) &&
  typeof record['hint'] === 'string' &&
  Array.from(record['hint']).length <= MAX_HINT_CHARACTERS &&
  isTimestamp(record['created_at']) &&
  isTimestamp(record['updated_at']);

/** What is no metadata of ours reads as none, so that one row does not stop the listing of all others. */
function parseMetadata(text: unknown): CredentialMetadata {
  const value =
    typeof text === 'string' && Buffer.byteLength(text, 'utf8') <= MAX_METADATA_BYTES
      ? parseStrictJson(text)
      : undefined;
  return isRecord(value) ? value : {};
}
