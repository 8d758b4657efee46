/** Exit code of a process that SIGTERM ends. */
const ENDED_BY_SIGTERM = 128 + 15;

/**
 * Runs something once when the process ends cleanly: when nothing keeps it running any more, or at SIGTERM where nobody else handles
 * that signal, after which the process ends. A host with a handler of its own may have requests under way that still need
 * what would be ended. `process.exit` and other signals end a process without it.
 *
 * @param end never rejects
 */
export function endWithProcess(end: () => Promise<void>, process: NodeJS.Process): void {
  let ending: Promise<void> | undefined;
  const endOnce = (): Promise<void> => (ending ??= end());
  process.once('beforeExit', () => void endOnce());
  process.on('SIGTERM', () => {
    if (process.listenerCount('SIGTERM') > 1) return;
    void endOnce().then(() => process.exit(ENDED_BY_SIGTERM));
  });
}
