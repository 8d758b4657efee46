import type { ErrorCode } from '../contract/problems';
import type { FailureReason } from './failure-reason';
import type { OutsideFailure } from './outside-failure';

/**
 * The one error class. Keyward composes `message` from literals and checked values, so it may be shown to the caller. It never
 * carries input, key material or a cause.
 */
export class KeywardError extends Error {
  override readonly name = 'KeywardError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly reason?: FailureReason,
    /** The outside call that caused it, if one did. For logs and use cases; callers never see it. */
    readonly outside?: OutsideFailure,
  ) {
    super(message);
  }
}

/** The only error for a token, context or record that does not open. `reason` is for the audit event. */
export const decryptionFailed = (reason: FailureReason): KeywardError =>
  new KeywardError('decryption_failed', 'the ciphertext could not be decrypted', reason);

/** The keys are unavailable or unusable. The request is valid and may be sent again. */
export const keysUnavailable = (reason: FailureReason, outside?: OutsideFailure): KeywardError =>
  new KeywardError('keys_unavailable', 'the keys for this request are unavailable; try again', reason, outside);

/** The request is invalid. `message` names the member, never its value. */
export const invalidRequest = (message: string): KeywardError => new KeywardError('invalid_request', message);

/** The request names a DEK version that does not exist. Versions are numbered from 1, with gaps where a rotation was aborted. */
export const unknownVersion = ({ versions }: { readonly versions: object }): KeywardError =>
  invalidRequest(`version must be a version of the keyset, 1 to ${Math.max(...Object.keys(versions).map(Number))}`);

/** Other writers changed the keyset before every attempt to write it. */
export const keysetContended = (): KeywardError =>
  new KeywardError('conflict', 'other writers keep changing this keyset; try again');

/** Returns a KeywardError as it is, and `internal` without a trace of the original for any other thrown value. */
export const toKeywardError = (thrown: unknown): KeywardError =>
  thrown instanceof KeywardError ? thrown : new KeywardError('internal', 'an unexpected error occurred');
