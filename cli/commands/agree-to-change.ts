import type { ApiCall } from '../client/api-call';
import { CliError, EXIT } from '../io/cli-error';
import { confirm, refuseUnlessAsked } from '../io/confirm';
import { plain } from '../io/plain-text';
import { isKeyboard } from '../io/raw-terminal';
import type { Session } from '../session';
import { endingOf } from './credential-rows';
import type { JsonObject } from '../client/json-object';

/** What becomes of a stored credential. */
export type Change = 'replaced' | 'deleted' | 'purged';

const DESCRIPTIONS: Readonly<Record<Change, string>> = {
  replaced: 'replaced',
  deleted: 'deleted',
  purged: 'deleted together with its previous value, and cannot be restored then',
};

/** What there is: a credential, nothing, or what whoever asks may not see. */
export type Found =
  { readonly kind: 'credential'; readonly shown: JsonObject } | { readonly kind: 'nothing' | 'unseen' };

export interface AskedChange {
  readonly change: Change;
  /** Whether `--yes` was given. */
  readonly yes: boolean;
}

/**
 * Has it agreed to that a stored credential is replaced or deleted. Whoever pipes a key in replaces without a question; whoever
 * deletes where nobody can be asked has to give `--yes`.
 *
 * @returns the call, on the condition that what was seen is still there, or that still nothing is
 * @throws CliError where it was not agreed to; `interrupted`; as the client, where it cannot be looked at
 */
export async function agreeToChange(session: Session, call: ApiCall, { change, yes }: AskedChange): Promise<ApiCall> {
  const isFree =
    change === 'replaced' && (call.headers?.['if-none-match'] !== undefined || !isKeyboard(session.parts.stdin));
  if (yes || isFree) return call;
  // Before anything is sent.
  if (change !== 'replaced') refuseUnlessAsked(session, 'credential delete');
  const found = await lookAt(session, call.path, change === 'replaced');
  if (found.kind !== 'nothing') await confirm(session, { warning: warningOf(found, call, change), yes: false });
  return onWhatIs(call, found);
}

/** The call on the condition that what was seen is still there, or that still nothing is; where it has none that is as narrow. */
export function onWhatIs(call: ApiCall, found: Found): ApiCall {
  const given = call.headers?.['if-match'];
  if (found.kind === 'nothing' && given === undefined) return onCondition(call, { 'if-none-match': '*' });
  if (found.kind === 'credential' && (given ?? '*') === '*') {
    return onCondition(call, { 'if-match': `"${String(found.shown['revision'])}"` });
  }
  return call;
}

const onCondition = (call: ApiCall, condition: Readonly<Record<string, string>>): ApiCall => ({
  ...call,
  headers: { ...call.headers, ...condition },
});

/**
 * Looks at a credential, without its key.
 *
 * @param mayBeNothing whether it is no failure that there is none
 * @throws CliError as the client
 */
export async function lookAt(session: Session, path: string, mayBeNothing: boolean): Promise<Found> {
  try {
    const shown = await session.send({ method: 'GET', path, query: { consistent: 'true' } });
    return { kind: 'credential', shown };
  } catch (thrown) {
    if (!(thrown instanceof CliError)) throw thrown;
    if (thrown.code === 'credential_not_found' && mayBeNothing) return { kind: 'nothing' };
    // Whoever may not look may yet change, and a damaged one is replaced or deleted to mend it.
    if (thrown.exitCode === EXIT.refused || thrown.code === 'credential_damaged') return { kind: 'unseen' };
    throw thrown;
  }
}

function warningOf(found: Found, { path }: ApiCall, change: Change): string {
  const [provider = '', , name = ''] = path.split('/').slice(-3);
  const which = `${name} of ${provider}`;
  if (found.kind !== 'credential')
    return `The key stored as ${which} cannot be shown; if there is one, it will be ${DESCRIPTIONS[change]}.`;
  const { hint, revision, updated_at } = found.shown;
  return `The key${endingOf(hint)}, stored as ${which} (revision ${plain(revision)}, of ${plain(updated_at)}), will be ${DESCRIPTIONS[change]}.`;
}
