import { usageError } from '../io/cli-error';
import type { OptionValues } from '../options';
import type { Session } from '../session';
import { hiddenForms, isHidden } from './hidden-forms';
import type { ProgramEnd } from './program-end';
import { readAssignments, type AssignmentOptions } from './read-assignments';
import { revealCredentials, type Variable } from './reveal-credentials';
import { startProgram } from './start-program';

/** Options of `run`, as given. */
export type RunOptions = OptionValues & AssignmentOptions & { readonly mask?: boolean };

/**
 * `run`: reveals all credentials, then starts the program; if one fails, it does not start it.
 *
 * @throws CliError as {@link readAssignments}, {@link revealCredentials} and {@link startProgram}
 */
export async function runProgram(session: Session, argv: readonly string[], options: RunOptions): Promise<ProgramEnd> {
  if (argv[0] === '') throw usageError('run: the name of the program is empty');
  const variables = await revealCredentials(session, await readAssignments(options));
  session.throwIfInterrupted();
  const { env, signals, waiting } = session.parts;
  const order = { argv, env: { ...env, ...Object.fromEntries(variables.map(({ name, value }) => [name, value])) } };
  if (options.mask !== true) return startProgram(order, { signals, waiting });
  const secrets = variables.filter(({ isSecret }) => isSecret);
  for (const one of secrets) if (!isHidden(one.value)) tellShown(session, one);
  const hidden = hiddenForms(secrets.map(({ value }) => value).filter(isHidden));
  return startProgram({ ...order, hidden }, { signals, waiting });
}

const tellShown = (session: Session, { name }: Variable): void => {
  session.tell('not_masked', `the value of ${name} has fewer than 8 characters and is not hidden`);
};
