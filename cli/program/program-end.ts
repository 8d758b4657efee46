import { constants } from 'node:os';
import type { ProcessSignals } from '../io/process-signals';

/** How a program ended. */
export type ProgramEnd = { readonly code: number } | { readonly signal: NodeJS.Signals };

/** Signals that write a process's memory to a file (signal(7), "Core"), and this process has keys in memory. Node ignores SIGPIPE. */
const NOT_RAISED: ReadonlySet<NodeJS.Signals> = new Set([
  'SIGQUIT',
  'SIGILL',
  'SIGTRAP',
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGSEGV',
  'SIGXCPU',
  'SIGXFSZ',
  'SIGSYS',
  'SIGPIPE',
]);

/**
 * Ends this process by the signal that ended the program, so that a shell sees the same result as without Keyward, above all for
 * Ctrl-C.
 *
 * @returns otherwise the exit code: the program's, or 128 and the signal's number, as in shells
 */
export function endAs(end: ProgramEnd, signals: ProcessSignals): number {
  if ('code' in end) return end.code;
  const { signal } = end;
  if (!NOT_RAISED.has(signal)) signals.raise(signal);
  return 128 + constants.signals[signal];
}
