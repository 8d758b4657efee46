import type { ApiCall } from '../client/api-call';
import { CliError, EXIT } from '../io/cli-error';
import { confirm } from '../io/confirm';
import { plain } from '../io/plain-text';
import { isKeyboard } from '../io/raw-terminal';
import type { OptionValues } from '../options';
import { readCount } from '../option-values';
import type { Session } from '../session';
import { lookAt, onWhatIs, type Found } from './agree-to-change';
import { changedMeanwhile } from './changed-meanwhile';
import { credentialRows, endingOf } from './credential-rows';
import { describePreviousValue, previousOf, withStory } from './describe-previous';
import { tellRestoreCommand } from './tell-undo-command';
import { credentialPath, ifMatch } from './of-credential';

interface RestoreOptions extends OptionValues {
  readonly revision?: string;
  readonly 'if-match'?: string;
  readonly yes?: boolean;
}

/**
 * `credential restore`: restores the previous value. With `--revision` it asks nothing; else it shows the value on a terminal and
 * asks. A script needs no `--yes`: the current value becomes the previous one, and the same command restores it.
 *
 * @throws CliError if there is none, with the command that shows why; if the answer is no; as the client
 */
export async function restoreCredential(
  session: Session,
  parameters: readonly string[],
  options: RestoreOptions,
): Promise<void> {
  const path = credentialPath(parameters);
  const headers = ifMatch(options);
  const named = options.revision === undefined ? undefined : revisionOf(options.revision);
  const reply =
    named === undefined
      ? await restoreWhatIsShown(session, parameters, options, { path, headers })
      : await restore(session, { path, headers }, named).catch((thrown: unknown) => {
          throw withStory(thrown, parameters, options);
        });
  session.print(reply, { kind: 'object', rows: credentialRows });
  tellRestoreCommand(session, { parameters, reply, options }, 'the replaced key');
}

const revisionOf = (text: string): number => readCount('--revision', text, { least: 1, most: 9_999_999_999 });

type Target = Required<Pick<ApiCall, 'path' | 'headers'>>;

const restoreCall = ({ path, headers }: Target, revision: number): ApiCall => ({
  method: 'POST',
  path: `${path}/restore`,
  headers,
  body: { revision },
});

const restore = (session: Session, target: Target, revision: number) => session.send(restoreCall(target, revision));

async function restoreWhatIsShown(
  session: Session,
  parameters: readonly string[],
  options: RestoreOptions,
  target: Target,
): Promise<Readonly<Record<string, unknown>>> {
  const previous = await previousOf(session, parameters, options);
  const revision = previous['revision'];
  if (typeof revision !== 'number') {
    throw new CliError(EXIT.unexpected, 'unexpected_reply', 'the reply is not about a previous value');
  }
  const isAsked = options.yes !== true && isKeyboard(session.parts.stdin);
  if (!isAsked) return restore(session, target, revision);
  const found = await lookAt(session, target.path, true);
  await confirm(session, { warning: warningOf(previous, found, parameters), yes: false });
  return session.send(onWhatIs(restoreCall(target, revision), found)).catch((thrown: unknown) => {
    throw changedMeanwhile(thrown);
  });
}

function warningOf(
  previous: Readonly<Record<string, unknown>>,
  found: Found,
  [provider = '', name = '']: readonly string[],
): string {
  return `${describePreviousValue(previous)} will be restored as ${name} of ${provider}.\n${giveWay(found)}`;
}

function giveWay(found: Found): string {
  switch (found.kind) {
    case 'nothing':
      return 'It is deleted now.';
    case 'unseen':
      return 'The current key cannot be shown; it will be replaced, and kept only if it opens.';
    case 'credential': {
      const { hint, revision, updated_at } = found.shown;
      return `The key${endingOf(hint)} (revision ${plain(revision)}, of ${plain(updated_at)}) will be replaced, and kept as the previous key.`;
    }
  }
}
