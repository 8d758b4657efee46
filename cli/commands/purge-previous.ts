import { CliError, EXIT } from '../io/cli-error';
import { confirm, refuseUnlessAsked } from '../io/confirm';
import type { OptionValues } from '../options';
import type { Session } from '../session';
import { lookAt, onWhatIs } from './agree-to-change';
import { changedMeanwhile } from './changed-meanwhile';
import { describePreviousValue, previousOf, withStory } from './describe-previous';
import { credentialPath, ifMatch } from './of-credential';

interface PurgeOptions extends OptionValues {
  readonly 'if-match'?: string;
  readonly yes?: boolean;
}

/**
 * `credential purge`: purges the previous value after a confirmation, on the condition that the row has not changed since. It also
 * purges a value that cannot be shown because it is damaged, or expired and not yet erased.
 *
 * @throws CliError if there is none, with the command that shows why; if the answer is no; as the client
 */
export async function purgePrevious(
  session: Session,
  parameters: readonly string[],
  options: PurgeOptions,
): Promise<void> {
  const path = credentialPath(parameters);
  const call = { method: 'POST', path: `${path}/purge`, headers: ifMatch(options) } as const;
  if (options.yes === true) {
    await session.send(call).catch((thrown: unknown) => {
      throw withStory(thrown, parameters, options);
    });
    return;
  }
  refuseUnlessAsked(session, 'credential purge');
  const found = await lookAt(session, path, true);
  await confirm(session, { warning: await warningOf(session, parameters, options), yes: false });
  await session.send(onWhatIs(call, found)).catch((thrown: unknown) => {
    throw withStory(changedMeanwhile(thrown), parameters, options);
  });
}

async function warningOf(session: Session, parameters: readonly string[], options: PurgeOptions): Promise<string> {
  const [provider = '', name = ''] = parameters;
  const which = `${name} of ${provider}`;
  try {
    const previous = await previousOf(session, parameters, options);
    return `${describePreviousValue(previous)} of ${which} will be purged, and cannot be restored then. The current key stays.`;
  } catch (thrown) {
    if (!(thrown instanceof CliError)) throw thrown;
    if (thrown.code === 'previous_value_not_found') {
      return `${which} has no previous key that can be restored; a damaged or expired one will be purged.`;
    }
    // A caller who may not restore, or sees that the value is damaged, may still purge.
    if (thrown.exitCode !== EXIT.refused && thrown.code !== 'credential_damaged') throw thrown;
    return `The previous key of ${which} cannot be shown; if there is one, it will be purged, and cannot be restored then.`;
  }
}
