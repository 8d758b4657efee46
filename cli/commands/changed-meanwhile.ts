import { CliError } from '../io/cli-error';

const CODES: readonly string[] = ['precondition_failed', 'previous_value_changed'];

/** Where a condition does not hold that whoever was asked has not given: what is thrown then, in words about that. */
export function changedMeanwhile(thrown: unknown): unknown {
  if (!(thrown instanceof CliError) || !CODES.includes(thrown.code)) return thrown;
  const { exitCode, code, requestId } = thrown;
  const detail = 'somebody else has changed it since you were asked; nothing was changed';
  return new CliError(exitCode, code, detail, requestId);
}
