import type { ApiCall } from '../client/api-call';
import { CliError, EXIT } from '../io/cli-error';
import { confirm, refuseUnlessAsked } from '../io/confirm';
import { plain } from '../io/plain-text';
import { isKeyboard } from '../io/raw-terminal';
import type { Session } from '../session';

type JsonObject = Readonly<Record<string, unknown>>;

/** What becomes of a stored credential. */
export type Change = 'replaced' | 'deleted';

/** What there is: a credential, nothing, or what whoever asks may not see. */
type Found = { readonly kind: 'credential'; readonly shown: JsonObject } | { readonly kind: 'nothing' | 'unseen' };

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
  if (change === 'deleted') refuseUnlessAsked(session, 'credential delete');
  const found = await look(session, call, change);
  if (found.kind === 'nothing') return onCondition(call, { 'if-none-match': '*' });
  await confirm(session, { warning: warningOf(found, call, change), yes: false });
  return found.kind === 'credential' ? onCondition(call, { 'if-match': `"${String(found.shown['revision'])}"` }) : call;
}

/** Adds a condition, where the call has none that is as narrow. */
function onCondition(call: ApiCall, condition: Readonly<Record<string, string>>): ApiCall {
  const given = call.headers?.['if-match'] ?? '*';
  return given === '*' ? { ...call, headers: { ...call.headers, ...condition } } : call;
}

async function look(session: Session, { path }: ApiCall, change: Change): Promise<Found> {
  try {
    const shown = await session.send({ method: 'GET', path, query: { consistent: 'true' } });
    return { kind: 'credential', shown };
  } catch (thrown) {
    if (!(thrown instanceof CliError)) throw thrown;
    if (thrown.code === 'credential_not_found' && change === 'replaced') return { kind: 'nothing' };
    // Whoever may not look may yet change, and a damaged one is replaced or deleted to mend it.
    if (thrown.exitCode === EXIT.refused || thrown.code === 'credential_damaged') return { kind: 'unseen' };
    throw thrown;
  }
}

function warningOf(found: Found, { path }: ApiCall, change: Change): string {
  const [provider = '', , name = ''] = path.split('/').slice(-3);
  const which = `${name} of ${provider}`;
  if (found.kind !== 'credential')
    return `What is stored as ${which} cannot be seen; it will be ${change}, if there is any.`;
  const { hint, revision, updated_at } = found.shown;
  const ending = typeof hint === 'string' && hint !== '' ? ` that ends in ${plain(hint)}` : '';
  return `The key${ending}, stored as ${which} (revision ${plain(revision)}, of ${plain(updated_at)}), will be ${change}.`;
}
