import { CliError } from '../../cli/io/cli-error';

/** What a command fails with. */
export async function cliFailureOf(run: Promise<unknown>): Promise<CliError> {
  const thrown: unknown = await run.catch((error: unknown) => error);
  if (!(thrown instanceof CliError)) throw new Error('did not fail as expected', { cause: thrown });
  return thrown;
}
