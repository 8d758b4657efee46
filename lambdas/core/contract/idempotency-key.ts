/**
 * The form of an idempotency key, for client and server alike. A blank at either end would be lost on the way: it is not part of
 * a header's value (RFC 9110 section 5.5).
 */
export const IDEMPOTENCY_KEY_PATTERN = /^[\x21-\x7e](?:[\x20-\x7e]{0,126}[\x21-\x7e])?$/;

/** The rule of the pattern in words. */
export const IDEMPOTENCY_KEY_RULE = 'must be 1 to 128 printable ASCII characters, without blanks around them';
