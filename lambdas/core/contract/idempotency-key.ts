/**
 * What names a call that may be sent again, for who sends it and who reads it alike. A blank at either end would be lost on the
 * way: it is no part of a header's value (RFC 9110 section 5.5).
 */
export const IDEMPOTENCY_KEY_PATTERN = /^[\x21-\x7e](?:[\x20-\x7e]{0,126}[\x21-\x7e])?$/;

/** What is said of a text that is none. */
export const IDEMPOTENCY_KEY_RULE = 'must be 1 to 128 printable ASCII characters, without blanks around them';
