import type { ApiCall } from '../client/api-call';
import type { JsonObject } from '../client/json-object';
import { isPassing, pauseAfter, sendWithRetry } from '../client/send-with-retry';
import { CliError, EXIT, interrupted } from '../io/cli-error';
import { fitLine } from '../io/fit-line';
import { plain } from '../io/plain-text';
import { progressDisplay, type ProgressDisplay, type ProgressState } from '../io/progress-display';
import type { Session } from '../session';
import { durationText } from './dek-rotation-progress';
import { kekRows, readKek, triesText, type KekView } from './kek-view';

/** Options of `kek rotate`, as they were given. */
export interface RotateKekOptions {
  readonly 'no-wait'?: boolean;
}

const LOOK: ApiCall = { method: 'GET', path: '/v1/kek' };
/** After so long without an answer, or without a sign of the rotation, the user is told. */
const PATIENCE_MS = 300_000;
const ATTEMPTS = 5;

/**
 * `kek rotate`: starts a rotation of the KEK, or goes on with a pending one, and follows it to its end.
 *
 * @throws CliError `abandoned` (exit code 8) if the rotation was given up; `interrupted` at Ctrl-C, and other errors that end the
 *   following: the rotation continues without it
 */
export async function rotateKek(session: Session, _: readonly string[], options: RotateKekOptions): Promise<void> {
  const before = readKek(await sendWithRetry(session, LOOK));
  const started = await start(session, before.version_id).catch((thrown: unknown) => {
    throw thrown instanceof CliError ? maybeStarted(thrown) : thrown;
  });
  if (options['no-wait'] === true) {
    session.print(started, { kind: 'object', rows: kekRows });
    return;
  }
  const display = progressDisplay(session);
  let reply: JsonObject;
  try {
    reply = await untilEnded(session, before.version_id, started, display);
  } catch (thrown) {
    throw thrown instanceof CliError ? goesOn(thrown) : thrown;
  } finally {
    display.clear();
  }
  session.print(reply, { kind: 'object', rows: kekRows });
  if (readKek(reply).version_id === before.version_id) {
    throw new CliError(
      EXIT.notCompleted,
      'abandoned',
      'the rotation was given up, and the KEK is as before; the log of the service, and keyward audit --type rotate, say why',
    );
  }
}

/**
 * A request that may have arrived is not sent again before a look: it may have started a rotation that has ended by then, and
 * another one would follow.
 */
async function start(session: Session, before: string): Promise<JsonObject> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await session.send({ method: 'POST', path: '/v1/kek/rotate' });
    } catch (thrown) {
      if (!isPassing(thrown) || failures === ATTEMPTS) throw thrown;
      await session.pause(pauseAfter(thrown, failures));
      const reply = await sendWithRetry(session, LOOK);
      const { version_id: now, pending } = readKek(reply);
      if (now !== before || pending !== null) return reply;
    }
  }
}

/** Resolves with the reply in which another version is current, or the rotation is gone. */
async function untilEnded(
  session: Session,
  before: string,
  started: JsonObject,
  display: ProgressDisplay,
): Promise<JsonObject> {
  const begun = session.now();
  let reply = started;
  let wasPending = false;
  let answered = begun;
  let failures = 0;
  for (;;) {
    try {
      const view = readKek(reply);
      display.show(progressOf(view, session.now() - begun));
      if (view.version_id !== before) return reply;
      // Secrets Manager shows a rotation a moment after it was requested.
      if (view.pending === null && (wasPending || session.now() - begun > PATIENCE_MS)) return reply;
      wasPending ||= view.pending !== null;
      await session.pause(display.interval);
      reply = await session.send(LOOK);
      answered = session.now();
      failures = 0;
    } catch (thrown) {
      if (!isPassing(thrown) || session.now() - answered >= PATIENCE_MS) throw thrown;
      failures += 1;
      await session.pause(pauseAfter(thrown, failures));
    }
  }
}

function progressOf({ pending, regions }: KekView, elapsedMs: number): ProgressState {
  const waiting = regions.flatMap(({ region, state }) => (state === 'current' ? [] : [region]));
  const what = pending === null ? 'requested' : `pending${triesText(pending)}`;
  const parts = [
    what,
    ...(waiting.length === 0 ? [] : [plain(`another version, or no answer, in ${waiting.join(', ')}`)]),
  ];
  return {
    bar: (columns) => fitLine({ title: 'KEK', parts: [durationText(elapsedMs / 1000), ...parts] }, columns),
    code: 'rotating_kek',
    detail: parts.join('; '),
    milestone: JSON.stringify([pending?.version_id, pending?.tries]),
  };
}

const WAY = 'look with: keyward kek status';

function maybeStarted(error: CliError): CliError {
  const { exitCode, code, detail, requestId, more } = error;
  if (exitCode === EXIT.interrupted) return interrupted(`a rotation of the KEK may have been started; ${WAY}`);
  if (exitCode !== EXIT.unavailable) return error;
  return new CliError(exitCode, code, `${detail}; a rotation may have been started: ${WAY}`, requestId, more);
}

/** Says that the rotation continues when the user stops following. */
function goesOn({ exitCode, code, detail, requestId, more }: CliError): CliError {
  const way = `the rotation of the KEK continues; ${WAY}`;
  if (exitCode === EXIT.interrupted) return interrupted(way);
  return new CliError(exitCode, code, `${detail}; ${way}`, requestId, more);
}
