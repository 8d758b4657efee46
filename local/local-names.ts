import type { TableNames } from '../lambdas/core/contract/tables';

/**
 * Contents of the data directory: the embedded DynamoDB, the audit journal, the transparency log, the KEKs, the highest key version of each provider,
 * and the directory's version.
 */
export const DATABASE_DIRECTORY = 'dynamodb';
export const AUDIT_DIRECTORY = 'audit';
export const LOG_DIRECTORY = 'log';
export const KEK_FILE = 'kek.json';
/** Beside {@link KEK_FILE}, once the KEK has rotated: the pending and the previous version. */
export const KEK_VERSIONS_FILE = 'kek-versions.json';
/** Replaces {@link KEK_FILE} if the KEK is in Vault. It has the id of the first version there. */
export const VAULT_KEK_FILE = 'kek-in-vault';
/** The AppRole's unwrapped secret id, beside the hash of its wrapping token. */
export const VAULT_SECRET_ID_FILE = 'vault-secret-id';
export const KEYSETS_DIRECTORY = 'keysets';
export const VERSION_FILE = 'version';
/** Files of curl options for the profiles of a first start. */
export const CURL_FILES = { administrator: 'curl-admin.conf', openaiOnly: 'curl-openai-only.conf' } as const;

/** Never changed, under any deployment name: existing data directories have them. */
export const LOCAL_TABLES: TableNames = {
  keysets: 'keyward-keysets',
  credentials: 'keyward-credentials',
  audit: 'keyward-audit',
  rotations: 'keyward-rotations',
};
