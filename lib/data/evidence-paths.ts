/** Where objects of the archive are: by the hour in which they were written. */
export const ARCHIVED = 'archive/*';

/** What a log consists of: where its publisher writes. */
export const LOGGED = ['checkpoint', 'state', 'keys', 'tile/*', 'index/*', 'hand-over/*'] as const;
