import { GATEWAY_DETAILS } from '../contract/problems';
import { KeywardError } from '../errors/errors';
import type { ProblemExtras } from './problem';

/** The reply for a path that has other methods (RFC 9110 section 15.5.6). */
export const methodNotAllowed = (allow: string): { readonly error: KeywardError; readonly extras: ProblemExtras } => ({
  error: new KeywardError('method_not_allowed', GATEWAY_DETAILS.otherMethod),
  extras: { headers: { allow } },
});
