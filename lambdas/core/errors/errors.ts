import type { ErrorCode } from '../contract/problems';
import type { FailureReason } from './failure-reason';
import type { OutsideFailure } from './outside-failure';

/**
 * The one error class. `message` is composed by Keyward from literals and checked values and may be shown to the
 * caller; it never carries input, key material or a cause.
 */
export class KeywardError extends Error {
  override readonly name = 'KeywardError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly reason?: FailureReason,
    /** The outside call that failed, where that is why. For logs and for use cases; callers never see it. */
    readonly outside?: OutsideFailure,
  ) {
    super(message);
  }
}

/** The one answer to every token, context or record that does not open. `reason` is for the audit event. */
export const decryptionFailed = (reason: FailureReason): KeywardError =>
  new KeywardError('decryption_failed', 'the ciphertext could not be decrypted', reason);

/** Keys are out of reach or not in a usable state; nothing is wrong with the request, and it may be sent again. */
export const keysUnavailable = (reason: FailureReason, outside?: OutsideFailure): KeywardError =>
  new KeywardError('keys_unavailable', 'the keys needed for this request are out of reach; try again', reason, outside);

/** The request itself is wrong. `message` names the member, never its value. */
export const invalidRequest = (message: string): KeywardError => new KeywardError('invalid_request', message);

/** The request names a version of a DEK that there is not; which there are are numbers from 1, with gaps where a rotation was given up. */
export const unknownVersion = ({ versions }: { readonly versions: object }): KeywardError =>
  invalidRequest(`version must be one that the keyset has, 1 to ${Math.max(...Object.keys(versions).map(Number))}`);

/** A keyset was changed by others each time that it was to be written. */
export const keysetContended = (): KeywardError =>
  new KeywardError('conflict', 'others keep changing this keyset; try again');

/** What any thrown value is to the outside: itself if it is ours, otherwise `internal` without a trace of the original. */
export const toKeywardError = (thrown: unknown): KeywardError =>
  thrown instanceof KeywardError ? thrown : new KeywardError('internal', 'an unexpected error occurred');
