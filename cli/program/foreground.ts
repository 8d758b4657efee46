import { closeSync, openSync, readFileSync } from 'node:fs';

/**
 * Whether this process belongs to the group that gets the terminal's signals, such as Ctrl-C: a program that it has
 * started then gets them directly.
 *
 * @param stat what the system tells of this process, as Linux does in /proc/self/stat (proc(5)); undefined where it does not
 * @param hasTerminal whether there is a terminal: all that can be known elsewhere
 */
export function isForeground(stat: string | undefined, hasTerminal: () => boolean): boolean {
  // The program's name, in brackets, may hold anything. After it: state, parent, group, session, terminal, the terminal's group.
  const [, , group, , , terminalGroup] = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  if (group === undefined || terminalGroup === undefined) return hasTerminal();
  return group === terminalGroup;
}

/** For this process, now: a shell may have put it into the background. */
export const isForegroundNow = (): boolean => isForeground(statOfSelf(), hasTerminal);

function statOfSelf(): string | undefined {
  try {
    return readFileSync('/proc/self/stat', 'latin1');
  } catch {
    return undefined;
  }
}

function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}
