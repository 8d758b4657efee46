import * as z from 'zod/mini';
import { KEK_HOMES } from '../../lambdas/core/contract/kek-homes';
import type { ApiCall } from '../client/api-call';
import type { JsonObject } from '../client/json-object';
import { sendWithRetry } from '../client/send-with-retry';
import { CliError, EXIT, interrupted, usageError } from '../io/cli-error';
import { fitLine } from '../io/fit-line';
import { plain } from '../io/plain-text';
import { progressDisplay, type ProgressState } from '../io/progress-display';
import type { Session } from '../session';
import { durationText } from './dek-rotation-progress';

/** Options of `kek move`, as they were given. */
export interface MoveKekOptions {
  readonly from?: string;
  readonly to?: string;
  readonly finish?: boolean;
  readonly abort?: boolean;
  readonly 'no-wait'?: boolean;
}

/** The members of a move that the command line uses; a newer service may have more. */
const move = z.object({
  from: z.string(),
  to: z.string(),
  state: z.string(),
  started_at: z.string(),
  switched_at: z.nullable(z.string()),
  ended_at: z.nullable(z.string()),
  waiting_for: z.optional(z.array(z.string())),
  switch_after: z.optional(z.string()),
});

type MoveView = z.infer<typeof move>;

const WANTED: Readonly<Record<string, readonly string[]>> = {
  begin: ['switched', 'finished'],
  finish: ['finished'],
  abort: ['aborted'],
};

const NEXT: Readonly<Record<string, string>> = {
  switched: 'finish the move with: keyward kek move --finish, or go back with: keyward kek move --abort',
  finished: 'configure the new home alone; the old one keeps its copy of the KEK until you delete it',
  aborted: 'configure the old home alone; the target keeps its copy of the KEK until you delete it',
};

/**
 * `kek move`: begins a move of the KEK or goes on with it, finishes it, or goes back; follows it until that is done.
 *
 * @throws CliError `usage`, before anything is sent; `interrupted` at Ctrl-C, and other errors that end the following: the move
 *   stands, and the same command goes on with it
 */
export async function moveKek(session: Session, _: readonly string[], options: MoveKekOptions): Promise<void> {
  const asked = readRequest(options);
  const call: ApiCall = { method: 'POST', path: '/v1/kek/move', body: asked };
  const display = progressDisplay(session);
  const begun = session.now();
  let reply: JsonObject;
  try {
    for (;;) {
      reply = await sendWithRetry(session, call);
      const view = readMove(reply);
      if (options['no-wait'] === true || WANTED[asked.action]?.includes(view.state) === true) break;
      display.show(progressOf(view, session.now() - begun));
      await session.pause(display.interval);
    }
  } catch (thrown) {
    throw thrown instanceof CliError ? stands(thrown) : thrown;
  } finally {
    display.clear();
  }
  session.print(reply, { kind: 'object', rows: moveRows });
  const next = NEXT[readMove(reply).state];
  if (next !== undefined) session.tell('next', next);
}

function readRequest({ from, to, finish, abort }: MoveKekOptions): { action: string; from?: string; to?: string } {
  const ways = [from !== undefined || to !== undefined, finish === true, abort === true].filter(Boolean);
  if (ways.length !== 1) throw usageError('give --from and --to, or --finish, or --abort');
  if (finish === true) return { action: 'finish' };
  if (abort === true) return { action: 'abort' };
  const homes: readonly string[] = KEK_HOMES;
  if (from === undefined || to === undefined || !homes.includes(from) || !homes.includes(to) || from === to) {
    throw usageError(`--from and --to must be two of ${homes.join(', ')}`);
  }
  return { action: 'begin', from, to };
}

/** @throws CliError if the reply is not about a move */
function readMove(reply: JsonObject): MoveView {
  const { data } = move.safeParse(reply);
  if (data !== undefined) return data;
  throw new CliError(EXIT.unexpected, 'unexpected_reply', 'the reply does not seem to be about a move of the KEK');
}

/** A move in rows of a name and a value, for a person. */
export function moveRows(reply: JsonObject): readonly (readonly [string, unknown])[] {
  const { from, to, state, started_at, switched_at, ended_at, waiting_for: waiting = [] } = readMove(reply);
  return [
    ['from', from],
    ['to', to],
    ['state', state],
    ['started_at', started_at],
    ['switched_at', switched_at ?? 'not yet'],
    ['ended_at', ended_at ?? 'not yet'],
    ...(waiting.length === 0 ? [] : [['waiting_for', waiting.join(', ')] as const]),
  ];
}

function progressOf({ state, waiting_for: waiting = [], switch_after: after }: MoveView, ms: number): ProgressState {
  const parts = [
    plain(state),
    ...(waiting.length === 0 ? [] : [`waits for ${plain(waiting.join(', '))}`]),
    ...(after === undefined ? [] : [`switches after ${plain(after)}, when no older step can be running`]),
  ];
  return {
    bar: (columns) => fitLine({ title: 'KEK', parts: [durationText(ms / 1000), ...parts] }, columns),
    code: 'moving_kek',
    detail: parts.join('; '),
    milestone: JSON.stringify([state, waiting]),
  };
}

/** Says that the move stands when the user stops following. */
function stands({ exitCode, code, detail, requestId, more }: CliError): CliError {
  const way = 'the move stands; look with: keyward kek status';
  if (exitCode === EXIT.interrupted) return interrupted(way);
  if (exitCode !== EXIT.unavailable) return new CliError(exitCode, code, detail, requestId, more);
  return new CliError(exitCode, code, `${detail}; ${way}`, requestId, more);
}
