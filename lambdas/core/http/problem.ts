import { STATUS_CODES } from 'node:http';
import type { APIGatewayProxyResult } from 'aws-lambda';
import {
  PROBLEM_CONTENT_TYPE,
  PROBLEM_STATUSES,
  RETRY_AFTER_SECONDS,
  TRY_AGAIN,
  type ErrorCode,
} from '../contract/problems';
import { decryptionFailed, toKeywardError, type KeywardError } from '../errors/errors';
import { ACCEPTED_CODING } from './content-coding';
import { jsonReply } from './json-reply';

/** A failure as a caller sees it: stable code, HTTP status, one sentence. */
export interface Failure {
  readonly code: ErrorCode;
  readonly status: number;
  readonly detail: string;
}

/** What an error reply may carry beyond the failure. */
export interface ProblemExtras {
  readonly headers?: Readonly<Record<string, string>>;
  /** Extension members (RFC 9457 section 3.2). */
  readonly members?: Readonly<Record<string, unknown>>;
}

/**
 * What a caller sees of an error, never its `reason`. A text that must not differ between two causes comes from one place and not
 * from the error's message.
 */
export const failureOf = (error: KeywardError): Failure => ({
  code: error.code,
  status: PROBLEM_STATUSES[error.code],
  detail: fixedDetail(error.code) ?? error.message,
});

/**
 * A failure as an RFC 9457 problem document with the members `type`, `title`, `status`, `code`, `detail` and `request_id`. Two
 * replies with `decryption_failed` differ in the request id alone. A 503 carries `Retry-After`, a 415 the accepted coding.
 *
 * @param requestId the gateway's id of the request, already safe for a header
 */
export function problemReply(
  error: KeywardError,
  requestId: string,
  extras: ProblemExtras = {},
): APIGatewayProxyResult {
  const { status } = failureOf(error);
  return jsonReply(status, problemBody(error, requestId, extras.members), requestId, {
    'content-type': PROBLEM_CONTENT_TYPE,
    ...(status === 415 ? { 'accept-encoding': ACCEPTED_CODING } : {}),
    ...(isToTryAgain(status) ? { 'retry-after': RETRY_AFTER_SECONDS } : {}),
    ...extras.headers,
  });
}

/** The body of {@link problemReply}. */
export function problemBody(error: KeywardError, requestId: string, members: object = {}): Record<string, unknown> {
  const { code, status, detail } = failureOf(error);
  return { type: 'about:blank', title: STATUS_CODES[status], status, code, detail, request_id: requestId, ...members };
}

/** Statuses that come with `Retry-After`. */
export const isToTryAgain = (status: number): boolean => TRY_AGAIN.includes(status);

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
