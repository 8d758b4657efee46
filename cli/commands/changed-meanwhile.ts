import { CliError } from '../io/cli-error';

const CODES: readonly string[] = ['precondition_failed', 'previous_value_changed'];

/** Rewords the error about a failed condition that the command added, not the user. */
export function changedMeanwhile(thrown: unknown): unknown {
  if (!(thrown instanceof CliError) || !CODES.includes(thrown.code)) return thrown;
  const { exitCode, code, requestId } = thrown;
  const detail = 'somebody else has changed it since you were asked; nothing was changed';
  return new CliError(exitCode, code, detail, requestId);
}
