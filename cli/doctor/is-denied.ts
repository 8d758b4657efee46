import { GATEWAY_DETAILS } from '../../lambdas/core/contract/problems';
import { CliError, EXIT } from '../io/cli-error';

/** Whether a policy has refused a call: a signature that does not hold would be refused for every call, whoever asks. */
export const isDenied = (thrown: unknown): boolean =>
  thrown instanceof CliError && thrown.exitCode === EXIT.refused && !thrown.detail.includes(GATEWAY_DETAILS.unsigned);
