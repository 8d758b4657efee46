import { STATUS_CODES } from 'node:http';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { decryptionFailed, toKeywardError, type ErrorCode, type KeywardError } from '../errors/errors';
import { jsonReply } from './json-reply';

export const PROBLEM_CONTENT_TYPE = 'application/problem+json';

/** A failure as a caller sees it: the stable code, the HTTP status, one sentence. */
export interface Failure {
  readonly code: ErrorCode;
  readonly status: number;
  readonly detail: string;
}

/** What a reply to a failure may carry beyond the failure itself. */
export interface ProblemExtras {
  readonly headers?: Readonly<Record<string, string>>;
  /** Extension members (RFC 9457 section 3.2). */
  readonly members?: Readonly<Record<string, unknown>>;
}

export const RETRY_AFTER_SECONDS = '1';

/**
 * What a caller is told of an error: never its `reason`. A text that must not differ between two causes is taken from
 * one place, whatever message the error was thrown with.
 */
export const failureOf = (error: KeywardError): Failure => ({
  code: error.code,
  status: statusOf(error.code),
  detail: fixedDetail(error.code) ?? error.message,
});

/**
 * A failure as an RFC 9457 problem document with the members `type`, `title`, `status`, `code`, `detail` and
 * `request_id`. Two replies with `decryption_failed` differ in the request id alone. A 503 says after how many seconds
 * to try again.
 *
 * @param requestId the id that the gateway gave the request, already safe to stand in a header
 */
export function problemReply(
  error: KeywardError,
  requestId: string,
  extras: ProblemExtras = {},
): APIGatewayProxyResult {
  const { code, status, detail } = failureOf(error);
  const title = STATUS_CODES[status];
  const body = { type: 'about:blank', title, status, code, detail, request_id: requestId, ...extras.members };
  return jsonReply(status, body, requestId, {
    'content-type': PROBLEM_CONTENT_TYPE,
    ...(status === 503 ? { 'retry-after': RETRY_AFTER_SECONDS } : {}),
    ...extras.headers,
  });
}

function fixedDetail(code: ErrorCode): string | undefined {
  switch (code) {
    case 'decryption_failed':
      return decryptionFailed('malformed_token').message;
    case 'internal':
      return toKeywardError(undefined).message;
    default:
      return undefined;
  }
}

function statusOf(code: ErrorCode): number {
  switch (code) {
    case 'invalid_request':
    case 'decryption_failed':
      return 400;
    case 'access_denied':
      return 403;
    case 'credential_not_found':
    case 'provider_not_found':
    case 'rotation_not_found':
    case 'route_not_found':
      return 404;
    case 'method_not_allowed':
      return 405;
    case 'conflict':
    case 'key_version_referenced':
    case 'key_version_retired':
    case 'key_version_state':
    case 'rotation_running':
    case 'rotation_state':
      return 409;
    case 'precondition_failed':
      return 412;
    case 'payload_too_large':
      return 413;
    case 'configuration_invalid':
    case 'credential_damaged':
    case 'internal':
    case 'rotation_damaged':
      return 500;
    case 'audit_unavailable':
    case 'keys_unavailable':
    case 'outcome_unknown':
    case 'store_unavailable':
      return 503;
  }
}
