import type { Command, ProgramCommand } from '../command';
import { ALL_COMMANDS, FIRST_WORDS, groupOf } from '../find-command';
import { OPTIONS, type Option } from '../options';
import { PARAMETERS } from '../parameters';

/** A completed word and its description. */
export type Offer = readonly [word: string, description: string];

/** The command line as a shell needs it: from the table that is parsed, and that help is made from. */
export interface CompletionTable {
  /** Options that take a value, with their hyphens, and the values that are offered. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  /** Options whose value is a file. */
  readonly files: readonly string[];
  /** Commands that take a program behind `--`. */
  readonly withProgram: readonly string[];
  /** Those with more words first: a command may begin with the words of another one, as `audit show` does. */
  readonly commands: readonly {
    readonly name: string;
    readonly options: readonly Offer[];
    /** What is offered as its first argument, its second one, and so on. */
    readonly arguments: readonly (readonly string[])[];
  }[];
  /** Options before a command is named. */
  readonly options: readonly Offer[];
  /** What may follow a beginning: nothing, or the first word of a group. */
  readonly words: ReadonlyMap<string, readonly Offer[]>;
}

/** The word before the command whose help is wanted. */
export const HELP_WORD = 'help';

export const completionTable = (): CompletionTable => ({
  values: new Map(
    [OPTIONS, ...ALL_COMMANDS.map(({ options }) => options)].flatMap((options) =>
      Object.entries<Option>(options).flatMap(([name, option]) =>
        option.type === 'string' ? [[`--${name}`, option.choices ?? option.completions ?? []] as const] : [],
      ),
    ),
  ),
  files: ALL_COMMANDS.flatMap(({ options }) =>
    Object.entries<Option>(options).flatMap(([name, option]) =>
      option.type === 'string' && option.isFile === true ? [`--${name}`] : [],
    ),
  ),
  withProgram: ALL_COMMANDS.flatMap(({ words, takesProgram }) => (takesProgram === true ? [words.join(' ')] : [])),
  commands: ALL_COMMANDS.toSorted((a, b) => b.words.length - a.words.length).map((command) => ({
    name: command.words.join(' '),
    options: offersOf({ ...command.options, ...OPTIONS }),
    arguments: argumentsOf(command),
  })),
  options: offersOf(OPTIONS),
  words: new Map([
    ['', FIRST_WORDS.map((word): Offer => [word, summaryOf(word)])],
    ...FIRST_WORDS.filter((word) => groupOf(word).length > 0).flatMap((word) => following(groupOf(word), [word])),
  ]),
});

/** A command without parameters may be a group, too. */
function argumentsOf({ words: [first = '', ...others], parameters }: Command | ProgramCommand): string[][] {
  const group = others.length === 0 && parameters.length === 0 ? groupOf(first) : [];
  if (group.length > 0) return [group.map(({ words }) => words[1] ?? '')];
  return parameters.map((kind) => [...PARAMETERS[kind].completions]);
}

/** What may follow a beginning of several commands, and each beginning that is no command yet. */
function following(
  commands: readonly (Command | ProgramCommand)[],
  beginning: readonly string[],
): (readonly [string, readonly Offer[]])[] {
  const at = beginning.length;
  const offers = new Map(
    commands.map(({ words, summary }) => [
      words[at] ?? '',
      words.length > at + 1 ? words.slice(at).join(' ') : summary,
    ]),
  );
  const deeper = new Set(commands.flatMap(({ words }) => (words.length > at + 1 ? [words[at] ?? ''] : [])));
  return [
    [beginning.join(' '), [...offers]],
    ...[...deeper].flatMap((word) =>
      following(
        commands.filter(({ words }) => words[at] === word),
        [...beginning, word],
      ),
    ),
  ];
}

const offersOf = (options: Readonly<Record<string, Option>>): readonly Offer[] =>
  Object.entries(options).map(([name, { help }]) => [`--${name}`, help]);

function summaryOf(first: string): string {
  const isThis = ({ words }: Command | ProgramCommand): boolean => words.length === 1 && words[0] === first;
  return (
    ALL_COMMANDS.find(isThis)?.summary ??
    groupOf(first)
      .map(({ words }) => words[1])
      .join(', ')
  );
}
