/** Signals to this process and its end, for code that has changed the terminal. */
export interface ProcessSignals {
  /** Calls the listener for each of these signals, instead of their default action. Returns a function that removes it. */
  deps(signal: NodeJS.Signals, listener: () => void): () => void;
  /** Calls the listener when the process ends by itself. Returns a function that removes it. */
  onExit(listener: () => void): () => void;
  /** Sends a signal to this process. */
  raise(signal: NodeJS.Signals): void;
}

/** The signals of the process. */
export const PROCESS_SIGNALS: ProcessSignals = {
  deps: (signal, listener) => {
    process.on(signal, listener);
    return () => process.off(signal, listener);
  },
  onExit: (listener) => {
    process.once('exit', listener);
    return () => process.off('exit', listener);
  },
  raise: (signal) => {
    process.kill(process.pid, signal);
  },
};
