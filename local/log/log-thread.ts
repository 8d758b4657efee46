import { setPriority } from 'node:os';
import { workerData } from 'node:worker_threads';
import { openLogDisk } from '../../lambdas/adapters/local/log/open-log-disk';
import { systemClock } from '../../lambdas/adapters/system/system-clock';
import { createSystemRandomness } from '../../lambdas/adapters/system/system-randomness';
import { KeywardError } from '../../lambdas/core/errors/errors';
import { storageFailureOf } from '../database/storage-failure';
import { answerQuestions } from '../threads/answer-questions';
import { LogWork, type LogWorkOptions } from './log-work';
import { createRest } from './rest';

/** Input of the thread. */
export interface LogThreadInput extends Pick<LogWorkOptions, 'journal' | 'log' | 'origin'> {
  /** Whether it publishes, and gives way to everything else; or reads for a caller who waits. */
  readonly isPublisher: boolean;
}

/** What the thread can be asked for: the methods of {@link LogWork}. */
export type LogCall = 'publish' | 'read' | 'list' | 'page' | 'lineOf';

export interface LogQuestion {
  readonly call: LogCall;
  readonly given: readonly unknown[];
}

const { isPublisher, ...directories } = workerData as LogThreadInput;

/** On Linux a priority is a thread's (sched(7), setpriority(2) "C library/kernel differences"); elsewhere the whole process would get it. */
const LOWEST = 19;
if (isPublisher && process.platform === 'linux') setPriority(0, LOWEST);

/** The publisher rests this many times as long as it works; who reads only lets others have their turn. */
const REST_FACTOR = 3;
const rest = createRest(isPublisher ? REST_FACTOR : 0);

const work = new LogWork({
  ...directories,
  openDisk: openLogDisk,
  clock: systemClock,
  randomness: createSystemRandomness(),
  rest,
});

type Method = (this: LogWork, ...given: readonly unknown[]) => Promise<unknown>;

answerQuestions(
  async ({ call, given }: LogQuestion) => (work[call] as Method).call(work, ...given),
  (thrown) =>
    thrown instanceof KeywardError
      ? { failure: thrown.code, sentence: thrown.message }
      : { failure: storageFailureOf(thrown) },
);
