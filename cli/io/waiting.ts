import { setTimeout as sleep } from 'node:timers/promises';

/** Time, and Ctrl-C, as a command that goes on for a while sees them. */
export interface Waiting {
  /** In milliseconds; only differences mean anything. */
  now(): number;
  /** What the machine takes for the time, in milliseconds since 1970. */
  wallClock(): number;
  /** Rejects where the signal is aborted before the time is over. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
  /** Calls the listener at the first Ctrl-C; the second one ends the process as usual. Returns what takes it off again. */
  onInterrupt(listener: () => void): () => void;
}

/** Those of the process. */
export const PROCESS_WAITING: Waiting = {
  now: () => performance.now(),
  wallClock: () => Date.now(),
  pause: (ms, signal) => sleep(ms, undefined, { signal }),
  onInterrupt: (listener) => {
    process.once('SIGINT', listener);
    return () => process.off('SIGINT', listener);
  },
};
