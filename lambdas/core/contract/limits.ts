/**
 * Maximum size of a request's body in bytes. The longest plaintext and the largest context fit, however they are escaped: JSON
 * takes at most six bytes for one byte of UTF-8 (`\u0000`). So every text that could be encrypted can be decrypted.
 */
export const MAX_BODY_BYTES = 327_680;

/**
 * The same for a batch. Lambda's request and response have at most 6 MB each (Lambda Developer Guide, "Lambda quotas"), and a
 * text in an event is escaped once more; API Gateway accepts 10 MB ("Quotas for configuring and running a REST API in API
 * Gateway").
 */
export const MAX_BATCH_BODY_BYTES = 1_048_576;

/**
 * Limits of a request's headers. API Gateway has the second limit (API Gateway Developer Guide, "Quotas for configuring and
 * running a REST API": request line and header values) and not the first; it drops no header silently.
 */
export const MAX_HEADERS = 100;
export const MAX_HEADER_BYTES = 10_240;

/** Maximum size of a plaintext in bytes. */
export const MAX_PLAINTEXT_BYTES = 32_768;

/** Formats of a stored API key, and the maximum length of a key that is sent in a header. */
export const CREDENTIAL_FORMATS = ['key', 'document', 'text'] as const;
export type CredentialFormat = (typeof CREDENTIAL_FORMATS)[number];
export const MAX_KEY_CHARACTERS = 8192;

/** Size of an audit event's nonce in bytes. */
export const AUDIT_NONCE_BYTES = 32;

/** Maximum number of items in a batch. */
export const MAX_BATCH_ITEMS = 100;

/** Default and maximum number of entries on a page of a list. */
export const DEFAULT_PAGE = 50;
export const MAX_CREDENTIALS_PAGE = 200;
export const MAX_AUDIT_PAGE = 500;
export const MAX_DEK_ROTATIONS_PAGE = 50;

/**
 * KEKs in the secret from which only the schedule rotates: a secret has room for some 300, and each stays for 40 days after its
 * last use.
 */
export const MAX_KEKS_FOR_REQUEST = 100;

export const MAX_CURSOR_CHARACTERS = 1024;

/** The audit log keeps so many characters of a caller's user agent. */
export const MAX_USER_AGENT_CHARACTERS = 256;

/** Limits of the days between two rotations, for DEKs and the KEK. */
export const LONGEST_INTERVAL_DAYS = 90;
export const INTERVALS_DAYS = [30, 60, LONGEST_INTERVAL_DAYS] as const;
export const INTERVALS_DESCRIPTION = `30, 60 or ${LONGEST_INTERVAL_DAYS}`;

/** Limits of the window, in days, in which the destruction of a key version can be cancelled. */
export const MIN_WINDOW_DAYS = 7;
export const MAX_WINDOW_DAYS = 30;

/** How many days backups and point-in-time recovery reach back. */
export const RESTORABLE_DAYS = 35;

/**
 * Maximum size of a part of a stored object of the log in bytes. A reply has it in base64; Lambda's response has at most 6 MB
 * (Lambda Developer Guide, "Lambda quotas").
 */
export const MAX_LOG_PART_BYTES = 3_145_728;

/** Maximum number of paths of a log on a page, as of S3's lists (API_ListObjectsV2, MaxKeys). */
export const MAX_LOG_PATHS_PAGE = 1000;

/**
 * Ages in days at which every day of the audit log is read again for events that no transparency log has: once all that comes by
 * itself is there, and twice more for what came late from another region.
 */
export const RECONCILED_AFTER_DAYS = [2, 7, 12] as const;

/** Days that DynamoDB keeps an event at least where it belongs to a log: a day more than the last reading may take. */
export const MIN_LOGGED_RETENTION_DAYS = 14;
