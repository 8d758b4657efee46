/** Where objects of the archive are: by the hour in which they were written. */
export const ARCHIVED = 'archive/*';

/** Where it stands what the reconciliation has read: beside the archive, written by the same function, and locked as it is. */
export const RECONCILED = 'reconciled/*';

/** Where a log has its newest checkpoint. */
export const CHECKPOINT = 'checkpoint';

/** What a log consists of: where its publisher writes. */
export const LOGGED = [CHECKPOINT, 'state', 'keys', 'tile/*', 'index/*', 'hand-over/*'] as const;
