import { MAX_HEADER_BYTES, MAX_HEADERS } from './limits';

/** The HTTP status of every error code. Codes are part of the API: they are added, never renamed. */
export const PROBLEM_STATUSES = {
  access_denied: 403,
  audit_event_not_found: 404,
  audit_unavailable: 503,
  conflict: 409,
  configuration_invalid: 500,
  credential_damaged: 500,
  credential_not_found: 404,
  decryption_failed: 400,
  event_not_published: 404,
  headers_too_large: 431,
  internal: 500,
  invalid_request: 400,
  keys_unavailable: 503,
  key_version_referenced: 409,
  key_version_retired: 409,
  key_version_state: 409,
  log_damaged: 500,
  log_not_found: 404,
  log_object_not_found: 404,
  metadata_required: 409,
  method_not_allowed: 405,
  outcome_unknown: 503,
  payload_too_large: 413,
  precondition_failed: 412,
  previous_value_changed: 409,
  previous_value_not_found: 404,
  provider_not_found: 404,
  rotation_damaged: 500,
  rotation_not_found: 404,
  rotation_running: 409,
  rotation_state: 409,
  route_not_found: 404,
  store_unavailable: 503,
  throttled: 429,
  unsupported_media_type: 415,
} as const;

export type ErrorCode = keyof typeof PROBLEM_STATUSES;

export const ERROR_CODES = Object.keys(PROBLEM_STATUSES) as ErrorCode[];

/** A problem document (RFC 9457). */
export const PROBLEM_CONTENT_TYPE = 'application/problem+json';
/** Statuses that come with `Retry-After`. */
export const TRY_AGAIN: readonly number[] = [429, 503];
export const RETRY_AFTER_SECONDS = '1';

/** The `detail` for a body that is too large. */
export const tooLarge = (maxBytes: number): string => `the body has more than ${maxBytes} bytes`;

/** The `detail` of requests that the gateway answers, on AWS and in local mode. */
export const GATEWAY_DETAILS = {
  unsigned: 'the request carries no valid AWS Signature Version 4',
  notAllowed: 'the policy of the caller does not allow this request',
  noRoute: 'there is no such route',
  encoded: 'the body must not have a Content-Encoding',
  otherMethod: 'the path does not have this method',
  tooManyHeaders: `the request may have at most ${MAX_HEADERS} headers`,
  headersTooLarge: `request line and header values may have at most ${MAX_HEADER_BYTES} bytes`,
  throttled: 'too many requests; try again',
} as const;

/** The `detail` of outages, which any call can meet. */
export const OUTAGE_DETAILS = {
  auditAway: 'the audit log is unavailable, and Keyward answers nothing without it; try again',
  outcomeUnknown: 'the change may or may not have been stored; read it back or try again',
  noAnswerOf: (whom: string) => `${whom} did not answer; try again`,
} as const;
