import { setTimeout as sleep } from 'node:timers/promises';

/** Time, and Ctrl-C, for a command that runs for a while. */
export interface Waiting {
  /** In milliseconds; only differences mean anything. */
  now(): number;
  /** The machine's clock, in milliseconds since 1970. */
  wallClock(): number;
  /** Rejects if the signal is aborted before the time is over. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
  /** Calls the listener at the first Ctrl-C; the second one ends the process as usual. Returns a function that removes it. */
  onInterrupt(listener: () => void): () => void;
}

/** The clock and signals of the process. */
export const PROCESS_WAITING: Waiting = {
  now: () => performance.now(),
  wallClock: () => Date.now(),
  pause: (ms, signal) => sleep(ms, undefined, { signal }),
  onInterrupt: (listener) => {
    process.once('SIGINT', listener);
    return () => process.off('SIGINT', listener);
  },
};
