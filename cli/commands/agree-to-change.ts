import type { ApiCall } from '../client/api-call';
import { CliError, EXIT } from '../io/cli-error';
import { confirm, refuseUnlessAsked } from '../io/confirm';
import { plain } from '../io/plain-text';
import { isKeyboard } from '../io/raw-terminal';
import type { Session } from '../session';
import { endingOf } from './credential-rows';
import type { JsonObject } from '../client/json-object';

/** What happens to a stored credential. */
export type Change = 'replaced' | 'deleted' | 'purged';

const DESCRIPTIONS: Readonly<Record<Change, string>> = {
  replaced: 'replaced',
  deleted: 'deleted',
  purged: 'deleted together with its previous value, and cannot be restored then',
};

/** What is stored: a credential, nothing, or unknown to a caller who may not look. */
export type Found =
  { readonly kind: 'credential'; readonly shown: JsonObject } | { readonly kind: 'nothing' | 'unseen' };

export interface AskedChange {
  readonly change: Change;
  /** Whether `--yes` was given. */
  readonly yes: boolean;
}

/**
 * Asks before a stored credential is replaced or deleted. A key from a pipe replaces without a question; a deletion without a terminal
 * needs `--yes`.
 *
 * @returns the call, on the condition that the row, or its absence, has not changed
 * @throws CliError if the answer is no; `interrupted`; as the client, if it cannot be looked up
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

/** The call on the condition that the row, or its absence, has not changed; a narrower condition of its own stays. */
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
 * @param mayBeNothing whether its absence is no failure
 * @throws CliError as the client
 */
export async function lookAt(session: Session, path: string, mayBeNothing: boolean): Promise<Found> {
  try {
    const shown = await session.send({ method: 'GET', path, query: { consistent: 'true' } });
    return { kind: 'credential', shown };
  } catch (thrown) {
    if (!(thrown instanceof CliError)) throw thrown;
    if (thrown.code === 'credential_not_found' && mayBeNothing) return { kind: 'nothing' };
    // A caller who may not look may still change it, and a damaged credential is replaced or deleted to repair it.
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
