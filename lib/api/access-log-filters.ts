/**
 * Patterns of lines of the access log by their beginning, the status, which a sender cannot change; the rest need not be JSON.
 * Regular expressions between percent signs; a dot stands for a quotation mark or brace, and there is no `(` (CloudWatch Logs User
 * Guide, "Supported regular expressions syntax"). A log group takes at most five filters with such patterns, metric filters and
 * subscriptions together.
 */
const begins = (...statuses: readonly string[]): string =>
  `%${statuses.map((status) => `^..status...${status}`).join('|')}%`;

/** Requests that were refused with 403. */
export const REFUSED = begins('403');
/** Requests that may have been refused before any function, 403 and 429: what the function record-refusals gets. */
export const PERHAPS_REFUSED = begins('403', '429');
/** All answers that are the caller's fault. */
export const CALLERS_FAULT = begins('4');
