import { CliError, EXIT } from '../io/cli-error';
import type { ApiCall } from './api-call';
import type { Session } from '../session';

const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 1_000;
/** The longest pause that a service can ask for. */
const LONGEST_PAUSE_MS = 30_000;

/** Sends, and waits between attempts. */
export type PatientSession = Pick<Session, 'send' | 'pause'>;

/**
 * Sends a call that may safely be sent again, up to {@link ATTEMPTS} times if the service does not answer or is unavailable.
 *
 * @throws CliError of the last attempt
 */
export async function sendWithRetry(
  session: PatientSession,
  call: ApiCall,
): Promise<Readonly<Record<string, unknown>>> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await session.send(call);
    } catch (thrown) {
      if (!isPassing(thrown) || failures === ATTEMPTS) throw thrown;
      await session.pause(pauseAfter(thrown, failures));
    }
  }
}

/** Whether a retry may succeed. */
export const isPassing = (thrown: unknown): thrown is CliError =>
  thrown instanceof CliError && thrown.exitCode === EXIT.unavailable && thrown.more.lasts !== true;

/** The pause after a number of failures in a row: what the service asks for, or twice as long each time. In milliseconds. */
export const pauseAfter = ({ more }: CliError, failures: number): number =>
  Math.min(
    LONGEST_PAUSE_MS,
    more.retryAfterSeconds === undefined ? FIRST_PAUSE_MS * 2 ** (failures - 1) : more.retryAfterSeconds * 1000,
  );
