/**
 * The most bytes of a request's body. In it is room for the longest plaintext beside the largest context, whatever its JSON
 * escapes: no character takes more than six bytes for one of UTF-8 (`\u0000`). So what could be encrypted can be decrypted.
 */
export const MAX_BODY_BYTES = 327_680;

/**
 * The same of a batch. Lambda takes and gives at most 6 MB for a call (Lambda Developer Guide, "Lambda quotas"), and a text in an
 * event is escaped once more; API Gateway takes 10 MB ("Quotas for configuring and running a REST API in API Gateway").
 */
export const MAX_BATCH_BODY_BYTES = 1_048_576;

/**
 * Of a request's headers. API Gateway has the second limit (API Gateway Developer Guide, "Quotas for configuring and running a REST
 * API": request line and header values) and no first; it leaves no header out in silence.
 */
export const MAX_HEADERS = 100;
export const MAX_HEADER_BYTES = 10_240;

/** The most bytes of what is encrypted. */
export const MAX_PLAINTEXT_BYTES = 32_768;

/** What an API key that is stored may be said to be, and how long one may be that is sent in a header. */
export const CREDENTIAL_FORMATS = ['key', 'document', 'text'] as const;
export type CredentialFormat = (typeof CREDENTIAL_FORMATS)[number];
export const MAX_KEY_CHARACTERS = 8192;

/** The most items of a batch. */
export const MAX_BATCH_ITEMS = 100;

/** The entries of one page of a list, unless asked otherwise, and the most of them. */
export const DEFAULT_PAGE = 50;
export const MAX_CREDENTIALS_PAGE = 200;
export const MAX_AUDIT_PAGE = 500;
export const MAX_ROTATIONS_PAGE = 50;

export const MAX_CURSOR_CHARACTERS = 1024;

/** As much of a caller's user agent as the audit log keeps. */
export const MAX_USER_AGENT_CHARACTERS = 256;

/** The days between two rotations that may be asked for, of a DEK as of the KEK. */
export const LONGEST_INTERVAL_DAYS = 90;
export const INTERVALS_DAYS = [30, 60, LONGEST_INTERVAL_DAYS] as const;
export const INTERVALS_DESCRIPTION = `30, 60 or ${LONGEST_INTERVAL_DAYS}`;

/** For so many days, as is asked, the destruction of a key version can be cancelled. */
export const MIN_WINDOW_DAYS = 7;
export const MAX_WINDOW_DAYS = 30;

/** Backups and point-in-time recovery reach so many days back. */
export const RESTORABLE_DAYS = 35;
