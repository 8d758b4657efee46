import { constants } from 'node:os';
import type { ProcessSignals } from '../io/process-signals';

/** How a program ended. */
export type ProgramEnd = { readonly code: number } | { readonly signal: NodeJS.Signals };

/**
 * Those that end a process with a copy of its memory in a file (signal(7), "Core"), and this one has keys there. SIGPIPE Node
 * ignores.
 */
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
 * Ends this process by the signal that has ended the program, so that a shell sees what it would see without us, Ctrl-C above all.
 *
 * @returns the exit code, for what is not ended by a signal: that of the program, or 128 and the number of its signal, as shells
 *   tell of one
 */
export function endAs(end: ProgramEnd, signals: ProcessSignals): number {
  if ('code' in end) return end.code;
  const { signal } = end;
  if (!NOT_RAISED.has(signal)) signals.raise(signal);
  return 128 + constants.signals[signal];
}
