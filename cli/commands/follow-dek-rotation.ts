import { CliError, EXIT, interrupted } from '../io/cli-error';
import { counted } from '../io/counted';
import type { ApiCall } from '../client/api-call';
import { progressDisplay, type ProgressDisplay } from '../io/progress-display';
import { dekRotationProgress } from './dek-rotation-progress';
import { readDekRotation, dekRotationRows, type DekRotationView } from './dek-rotation-view';
import { isPassing, pauseAfter } from '../client/send-with-retry';
import type { Session } from '../session';
import type { JsonObject } from '../client/json-object';

/** The rotation's names, already checked because they are used in a path. */
export interface DekRotationName {
  readonly provider: string;
  readonly id: string;
}

/** After so long without an answer the user is told. */
const PATIENCE_MS = 300_000;

export const dekRotationCall = ({ provider, id }: DekRotationName): ApiCall => ({
  method: 'GET',
  path: `/v1/providers/${provider}/rotations/${id}`,
});

/**
 * Shows a rotation's progress until it ends, and then its result. If the service does not answer, it retries for five
 * minutes.
 *
 * @throws CliError `completed_with_failures` (exit code 7), `aborted` or `superseded` (8) after the result is shown;
 *   `interrupted` at Ctrl-C, and other errors that end the following: the rotation continues without it
 */
export async function followDekRotation(session: Session, name: DekRotationName): Promise<void> {
  const display = progressDisplay(session);
  let reply: JsonObject;
  try {
    reply = await untilEnded(session, name, display);
  } catch (thrown) {
    throw thrown instanceof CliError ? withWatchCommand(thrown, name) : thrown;
  } finally {
    display.clear();
  }
  session.print(reply, { kind: 'object', rows: dekRotationRows });
  judge(readDekRotation(reply));
}

async function untilEnded(session: Session, name: DekRotationName, display: ProgressDisplay): Promise<JsonObject> {
  const begun = session.now();
  let answered = begun;
  let failures = 0;
  let renewed = false;
  for (;;) {
    try {
      const reply = await session.send(dekRotationCall(name));
      const view = readDekRotation(reply);
      display.show(dekRotationProgress(view, session.now() - begun));
      if (view.ended_at !== null) return reply;
      answered = session.now();
      failures = 0;
      renewed = false;
      await session.pause(display.interval);
    } catch (thrown) {
      if (thrown instanceof CliError && thrown.exitCode === EXIT.refused && !renewed) {
        renewed = true;
        session.forgetCredentials();
      } else if (isPassing(thrown) && session.now() - answered < PATIENCE_MS) {
        failures += 1;
        display.show(noAnswer(thrown));
        await session.pause(pauseAfter(thrown, failures));
      } else throw thrown;
    }
  }
}

const noAnswer = ({ code }: CliError) => ({
  bar: (columns: number) => `no answer (${code}); trying again`.slice(0, columns),
  code,
  detail: 'no answer; trying again',
  milestone: code,
});

/** Says that the rotation continues when the user stops following. */
function withWatchCommand(error: CliError, { provider, id }: DekRotationName): CliError {
  const way = `the rotation continues; follow it again with: keyward rotation watch ${provider} ${id}`;
  if (error.exitCode === EXIT.interrupted) return interrupted(way);
  return new CliError(error.exitCode, error.code, `${error.detail}; ${way}`, error.requestId);
}

function judge({ status, counts, failures, previous_failures: previous }: DekRotationView): void {
  if (status === 'completed') return;
  if (status === 'completed_with_failures') {
    const names = failures.length + (previous?.length ?? 0);
    const [verb, they] = counts.failed === 1 ? ['stays as it was', 'it is'] : ['stay as they were', 'they are'];
    const named = names < counts.failed ? `the first ${names} are` : they;
    // A service with previous values counts them, too: a credential may have two values.
    const [one, many] =
      previous === undefined ? ['credential does', 'credentials do'] : ['stored key does', 'stored keys do'];
    throw new CliError(
      EXIT.undecryptable,
      status,
      `${counted(counts.failed, one, many)} not decrypt and ${verb}, and so does the version before; ${named} named above`,
    );
  }
  const detail = status === 'superseded' ? 'an emergency replaced it' : 'it was aborted before its promotion';
  throw new CliError(EXIT.notCompleted, status, detail);
}
