import type { ErrorCode } from '../contract/problems';
import { errorNameOf, type ErrorName } from '../errors/error-names';
import { toKeywardError } from '../errors/errors';
import type { FailureReason } from '../errors/failure-reason';

/** What a log may say of a failure that is not the caller's to know. */
export interface FailureFields {
  readonly code: ErrorCode;
  readonly reason?: FailureReason;
  readonly error_name?: ErrorName;
}

/**
 * The code and the reason of an error of ours, with the name of the outside call's error that was why; of any other, its name.
 * All bounded words: no message, no member of what was thrown.
 */
export function failureFields(thrown: unknown): FailureFields {
  const { code, reason, outside } = toKeywardError(thrown);
  const name = code === 'internal' ? errorNameOf(thrown) : outside?.name;
  return { code, ...(reason !== undefined && { reason }), ...(name !== undefined && { error_name: name }) };
}
