import { GATEWAY_DETAILS } from '../contract/problems';
import { KeywardError } from '../errors/errors';
import type { ProblemExtras } from './problem';

/** What is answered where a path has other methods (RFC 9110 section 15.5.6): it says nothing that the API's description does not. */
export const methodNotAllowed = (allow: string): { readonly error: KeywardError; readonly extras: ProblemExtras } => ({
  error: new KeywardError('method_not_allowed', GATEWAY_DETAILS.otherMethod),
  extras: { headers: { allow } },
});
