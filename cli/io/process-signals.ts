/** Signals to this process, and its end, as whoever has changed the terminal has to hear of them. */
export interface ProcessSignals {
  /** Calls the listener for each of these signals, in place of what they do by themselves. Returns what takes it off again. */
  deps(signal: NodeJS.Signals, listener: () => void): () => void;
  /** Calls the listener when the process ends by itself. Returns what takes it off again. */
  onExit(listener: () => void): () => void;
  /** Sends a signal to this process. */
  raise(signal: NodeJS.Signals): void;
}

/** Those of the process. */
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
