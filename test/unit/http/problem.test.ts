import type { ErrorCode } from '../../../lambdas/core/contract/problems';
import { decryptionFailed, keysUnavailable, KeywardError } from '../../../lambdas/core/errors/errors';
import { failureOf, problemReply } from '../../../lambdas/core/http/problem';
import { bodyOf } from './test-api';

const STATUSES: Readonly<Record<ErrorCode, number>> = {
  invalid_request: 400,
  decryption_failed: 400,
  access_denied: 403,
  audit_event_not_found: 404,
  credential_not_found: 404,
  provider_not_found: 404,
  rotation_damaged: 500,
  event_not_published: 404,
  log_damaged: 500,
  log_not_found: 404,
  log_object_not_found: 404,
  rotation_not_found: 404,
  route_not_found: 404,
  method_not_allowed: 405,
  headers_too_large: 431,
  conflict: 409,
  key_version_referenced: 409,
  key_version_retired: 409,
  key_version_state: 409,
  metadata_required: 409,
  rotation_running: 409,
  rotation_state: 409,
  precondition_failed: 412,
  previous_value_changed: 409,
  previous_value_not_found: 404,
  payload_too_large: 413,
  unsupported_media_type: 415,
  throttled: 429,
  configuration_invalid: 500,
  credential_damaged: 500,
  internal: 500,
  audit_unavailable: 503,
  keys_unavailable: 503,
  outcome_unknown: 503,
  store_unavailable: 503,
};

describe('problemReply', () => {
  it.each(Object.entries(STATUSES))('gives %s the status %d', (code, status) => {
    const reply = problemReply(new KeywardError(code as ErrorCode, 'one sentence'), 'request-1');
    expect(reply.statusCode).toBe(status);
    expect(reply.headers?.['retry-after']).toBe(status === 503 || status === 429 ? '1' : undefined);
    expect(bodyOf(reply)).toMatchObject({ status, code });
  });

  it('is a problem document of RFC 9457', () => {
    const reply = problemReply(new KeywardError('conflict', 'somebody else was faster'), 'request-1');
    expect(reply.headers).toStrictEqual({
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-request-id': 'request-1',
    });
    expect(bodyOf(reply)).toStrictEqual({
      type: 'about:blank',
      title: 'Conflict',
      status: 409,
      code: 'conflict',
      detail: 'somebody else was faster',
      request_id: 'request-1',
    });
  });

  it('says the same of every token that does not open', () => {
    const replies = [
      decryptionFailed('malformed_token'),
      decryptionFailed('unknown_version'),
      new KeywardError('decryption_failed', 'tag mismatch', 'authentication_failed'),
    ].map((error) => problemReply(error, 'request-1'));
    expect(new Set(replies.map((reply) => JSON.stringify(reply))).size).toBe(1);
  });

  it('never shows a reason, nor what an internal error said', () => {
    expect(problemReply(keysUnavailable('unwrap_failed'), 'request-1').body).not.toContain('unwrap_failed');
    expect(failureOf(new KeywardError('internal', 'sk-example-not-a-real-key')).detail).toBe(
      'an unexpected error occurred',
    );
  });
});
