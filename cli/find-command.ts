import { nearestNames } from '../lambdas/core/contract/nearest-name';
import { usageError, type CliError } from './io/cli-error';
import { suggestion } from './io/suggestion';
import type { Command, ProgramCommand } from './command';
import { COMMANDS, PROGRAM_COMMANDS } from './commands';

export const ALL_COMMANDS: readonly (Command | ProgramCommand)[] = [...COMMANDS, ...PROGRAM_COMMANDS];

/** The first words of all commands, each once: a command, or a group of commands. */
export const FIRST_WORDS: readonly string[] = [...new Set(ALL_COMMANDS.map(({ words: [first = ''] }) => first))];

/** The commands that begin with a word and have more words. */
export const groupOf = (first: string): readonly (Command | ProgramCommand)[] =>
  ALL_COMMANDS.filter(({ words }) => words.length > 1 && words[0] === first);

/** The command with the most words, because a command may be a group, too, such as `audit`. */
export const findCommand = (positionals: readonly string[]): Command | ProgramCommand | undefined =>
  ALL_COMMANDS.filter(({ words }) => words.every((word, index) => positionals[index] === word)).reduce<
    Command | ProgramCommand | undefined
  >((longest, each) => (longest === undefined || each.words.length > longest.words.length ? each : longest), undefined);

/** Lists the commands, and suggests the probable one; never repeats what was given. */
export function noSuchCommand(positionals: readonly string[]): CliError {
  const [first, second] = positionals;
  if (first === undefined) return usageError('a command is missing; see keyward help');
  const group = groupOf(first);
  if (group.length > 0) {
    const members = [...new Set(group.map(({ words }) => words[1] ?? ''))];
    const inner = group.flatMap(({ words }) => (words.length > 2 && words[1] === second ? [words[2] ?? ''] : []));
    if (inner.length > 0) {
      return usageError(`${first} ${second ?? ''} takes one of ${inner.join(', ')}; see keyward help ${first}`);
    }
    const meant = suggestion(second === undefined ? [] : nearestNames(second, members));
    const program = first === 'version' ? '; keyward --version shows that of this program' : '';
    return usageError(`${first} takes one of ${members.join(', ')}${meant}${program}; see keyward help ${first}`);
  }
  return usageError(
    `there is no such command${suggestion(meantBy(first, second))}; there are ${FIRST_WORDS.join(', ')}; see keyward help`,
  );
}

/** The words may be joined, as in `credential-put`, or the first one omitted, as in `put`. */
function meantBy(first: string, second = ''): readonly string[] {
  const names = ALL_COMMANDS.map(({ words }) => words.join(' '));
  const bySecond = names.filter((name) => name.endsWith(` ${first.toLowerCase()}`));
  if (bySecond.length > 0) return bySecond;
  const single = nearestNames(first, FIRST_WORDS);
  if (single.length > 0) return single;
  const joined = first.replaceAll(/[-_:./]/g, ' ');
  const both = nearestNames(joined === first && second !== '' ? `${first} ${second}` : joined, names);
  return both;
}
