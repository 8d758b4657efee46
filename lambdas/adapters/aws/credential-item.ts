import { canonicalJson } from '../../core/domain/canonical-json';
import { isTombstone, type CredentialMetadata, type StoredCredential } from '../../core/domain/credential';
import { isRecord } from '../../core/domain/record-checks';
import { parseStrictJson } from '../../core/domain/strict-json';
import type { StoredVersion } from './conditional-write';
import { credentialShard } from './dynamodb-tables';

/**
 * What the table holds of a credential. Metadata is the caller's and therefore JSON text, not a map: the document client
 * looks at a member called `constructor`, and DynamoDB refuses member names without a character. A tombstone has no
 * `key_version` and so no entry in the index.
 */
export type CredentialItem = StoredVersion &
  Record<string, unknown> & { readonly name: string; readonly metadata?: unknown };

/** The condition of a filter that leaves no tombstone. */
export const IS_LIVE = 'attribute_not_exists(deleted_at)';

/** A credential as the table holds it, with its partition key. */
export const toCredentialItem = (record: StoredCredential): Record<string, unknown> => ({
  ...record,
  provider_shard: credentialShard(record.provider, record.name),
  ...(isTombstone(record) ? {} : { metadata: canonicalJson(record.metadata) }),
});

/** The credential that {@link toCredentialItem} was given. */
export function fromCredentialItem(item: CredentialItem): StoredCredential {
  const { provider_shard: _, metadata, ...record } = item;
  const stored: unknown = metadata === undefined ? record : { ...record, metadata: parseMetadata(metadata) };
  return stored as StoredCredential;
}

/**
 * Text that somebody edited into something else reads as no metadata: the token is bound to what it was, so the
 * credential does not open, and one row does not stop the listing of all others.
 */
function parseMetadata(text: unknown): CredentialMetadata {
  const value = typeof text === 'string' ? parseStrictJson(text) : undefined;
  return isRecord(value) ? value : {};
}
