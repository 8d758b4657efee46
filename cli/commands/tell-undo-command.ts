import { isRecord } from '../../lambdas/core/crypto/record-checks';
import type { ApiCall } from '../client/api-call';
import { CliError, EXIT } from '../io/cli-error';
import { plain } from '../io/plain-text';
import type { OptionValues } from '../options';
import type { Session } from '../session';
import type { Change } from './agree-to-change';
import { commandToPaste, restoreCommand } from './command-to-paste';
import type { JsonObject } from '../client/json-object';

/** A completed change of a credential. */
export interface Made {
  readonly change: Change;
  /** The call that made it. */
  readonly call: ApiCall;
  /** Its provider and name. */
  readonly parameters: readonly string[];
  readonly reply: JsonObject;
  readonly options: OptionValues;
}

/** Prints the one command that undoes a change of a credential, if there is one. Never fails, because the change is made. */
export async function tellUndoCommand(session: Session, made: Made): Promise<void> {
  if (made.change === 'replaced') tellUndoOfPut(session, made);
  if (made.change === 'deleted') await tellUndoOfDeletion(session, made);
}

/** For a reply with the new previous value: the command that restores it. */
export function tellRestoreCommand(
  session: Session,
  { parameters, reply, options }: Pick<Made, 'parameters' | 'reply' | 'options'>,
  what = 'the previous key',
): void {
  const previous = previousOf(reply);
  if (previous === undefined) return;
  const command = restoreCommand(parameters, options, previous.revision);
  tell(session, `${what} is kept until ${previous.until}; restore it with`, command);
}

function tellUndoOfPut(session: Session, made: Made): void {
  const { reply, parameters, options } = made;
  const { revision, created_at: createdAt, updated_at: updatedAt } = reply;
  const previous = previousOf(reply);
  const isNew = createdAt === updatedAt;
  if (previous !== undefined && isNew) tellRestoreCommand(session, made, 'the deleted key');
  // A PUT of the same value leaves the earlier previous value in place.
  else if (previous !== undefined && previous.revision === Number(revision) - 1) tellRestoreCommand(session, made);
  else if (previous === undefined && isNew && isRevision(revision)) {
    const words = ['credential', 'delete', ...parameters, '--if-match', String(revision), '--yes'];
    tell(session, 'nothing was stored under this name before; delete it with', commandToPaste(words, options));
  }
}

async function tellUndoOfDeletion(session: Session, made: Made): Promise<void> {
  const { parameters, options } = made;
  const kept = await keptOf(session, made);
  if (kept === 'nothing') session.tell('not_kept', 'no previous value is kept, so the key cannot be restored');
  else if (kept === 'unknown')
    tell(session, 'while the key is kept, restore it with', restoreCommand(parameters, options));
  else tellRestoreCommand(session, { ...made, reply: { previous: kept } }, 'the key');
}

/**
 * Looks up the previous value of a deleted credential. Only on a terminal: a caller who may delete and not restore is refused, and
 * refusals are counted.
 */
async function keptOf(session: Session, { call: { path } }: Made): Promise<JsonObject | 'nothing' | 'unknown'> {
  if (session.parts.stderr.isTTY !== true) return 'unknown';
  try {
    return await session.send({ method: 'GET', path: `${path}/previous`, query: { consistent: 'true' } });
  } catch (thrown) {
    return thrown instanceof CliError && thrown.exitCode === EXIT.notFound ? 'nothing' : 'unknown';
  }
}

function previousOf({ previous }: JsonObject): { readonly revision: number; readonly until: string } | undefined {
  if (!isRecord(previous) || !isRevision(previous['revision'])) return undefined;
  return { revision: previous['revision'], until: plain(previous['expires_at']) };
}

const isRevision = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0;

/** One line that ends in the command, so that it can be pasted. */
function tell(session: Session, how: string, command: string): void {
  session.tell('undo', `${how}: ${command}`, { command });
}
