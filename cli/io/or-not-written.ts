import { CliError, EXIT } from './cli-error';
import { systemCode } from './system-code';

/**
 * Carries out work on files.
 *
 * @throws CliError that `work` throws; for anything else `not_written` with the system's code
 */
export async function orNotWritten<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof CliError) throw thrown;
    throw new CliError(EXIT.unexpected, 'not_written', `the file cannot be written (${systemCode(thrown)})`);
  }
}
