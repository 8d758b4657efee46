import { isKeyShaped } from '../../lambdas/core/contract/key-shaped';
import { CliError } from '../io/cli-error';
import { plain, toJson } from '../io/plain-text';
import type { OptionValues } from '../options';
import type { Session } from '../session';
import { endingOf } from './credential-rows';
import { credentialPath } from './of-credential';
import { commandToPaste } from './command-to-paste';
import type { JsonObject } from '../client/json-object';

/** `credential previous`. */
export async function describePrevious(
  session: Session,
  parameters: readonly string[],
  options: OptionValues,
): Promise<void> {
  session.print(await previousOf(session, parameters, options), { kind: 'object' });
}

/**
 * Shows the previous value of a credential, without its key.
 *
 * @throws CliError as the client; if there is none, with the command that shows what happened to it
 */
export async function previousOf(
  session: Session,
  parameters: readonly string[],
  options: OptionValues,
): Promise<JsonObject> {
  try {
    const path = `${credentialPath(parameters)}/previous`;
    return await session.send({ method: 'GET', path, query: { consistent: 'true' } });
  } catch (thrown) {
    throw withStory(thrown, parameters, options);
  }
}

/** Adds to an error about a missing or changed previous value the command that shows more about it. */
export function withStory(thrown: unknown, parameters: readonly string[], options: OptionValues): unknown {
  if (!(thrown instanceof CliError)) return thrown;
  const [provider = '', name = ''] = parameters;
  const { exitCode, code, detail, requestId } = thrown;
  const withMore = (more: string) => new CliError(exitCode, code, `${detail}; ${more}`, requestId);
  if (code === 'previous_value_changed') {
    return withMore(`see which one it is: ${commandToPaste(['credential', 'previous', provider, name], options)}`);
  }
  if (code !== 'previous_value_not_found' || isKeyShaped(name)) return thrown;
  const audit = ['audit', '--provider', provider, '--credential', name, '--since', '30d'];
  return withMore(`see what became of it: ${commandToPaste(audit, options)}`);
}

/** The longest metadata that is shown in a question. */
const MOST_METADATA_CHARACTERS = 300;

/** The previous value as a phrase in a question. */
export function describePreviousValue({ hint, revision, replaced_at: replacedAt, metadata }: JsonObject): string {
  const beside = toJson(metadata ?? {});
  const isCut = beside.length > MOST_METADATA_CHARACTERS;
  const shown = isCut ? `${beside.slice(0, MOST_METADATA_CHARACTERS)}...` : beside;
  const besideIt = beside === '{}' ? 'no metadata' : `metadata ${shown}`;
  return `The previous key${endingOf(hint)} (revision ${plain(revision)}, replaced ${plain(replacedAt)}, ${besideIt})`;
}
