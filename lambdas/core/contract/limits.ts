/** The most bytes of a request's body; also the most that the firewall before the API can look at. */
export const MAX_BODY_BYTES = 65_536;

/** The most bytes of what is encrypted. */
export const MAX_PLAINTEXT_BYTES = 32_768;

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
export const INTERVALS_IN_WORDS = `30, 60 or ${LONGEST_INTERVAL_DAYS}`;

/** For so many days, as is asked, the destruction of a key version can be cancelled. */
export const MIN_WINDOW_DAYS = 7;
export const MAX_WINDOW_DAYS = 30;

/** Backups and point-in-time recovery reach so many days back. */
export const RESTORABLE_DAYS = 35;
