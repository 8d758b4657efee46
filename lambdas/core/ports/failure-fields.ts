import type { ErrorCode } from '../contract/problems';
import { errorNameOf, type ErrorName } from '../errors/error-names';
import { toKeywardError } from '../errors/errors';
import type { FailureReason } from '../errors/failure-reason';

/** Log fields of a failure. */
export interface FailureFields {
  readonly code: ErrorCode;
  readonly reason?: FailureReason;
  readonly error_name?: ErrorName;
}

/**
 * For a KeywardError its code and reason, with the name of the outside error that caused it; for any other error its name. All
 * are bounded words: no message and no other member of the thrown value.
 */
export function failureFields(thrown: unknown): FailureFields {
  const { code, reason, outside } = toKeywardError(thrown);
  const name = code === 'internal' ? errorNameOf(thrown) : outside?.name;
  return { code, ...(reason !== undefined && { reason }), ...(name !== undefined && { error_name: name }) };
}
