import { GATEWAY_DETAILS } from '../../lambdas/core/contract/problems';
import { CliError, EXIT } from '../io/cli-error';

/** Whether a policy refused a call. A wrong signature is refused for every call and does not count. */
export const isDenied = (thrown: unknown): boolean =>
  thrown instanceof CliError && thrown.exitCode === EXIT.refused && !thrown.detail.includes(GATEWAY_DETAILS.unsigned);
