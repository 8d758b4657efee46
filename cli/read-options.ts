import { parseArgs } from 'node:util';
import { nearestNames } from '../lambdas/core/contract/nearest-name';
import type { Command, ProgramCommand } from './command';
import { ALL_COMMANDS } from './find-command';
import { usageError, type CliError } from './io/cli-error';
import { suggestion } from './io/suggestion';
import { OPTIONS, type Option, type Options, type OptionValues, type ValuesOf } from './options';
import { readChoice } from './option-values';

/** The given options: those of every command, and those of the called one. */
export type Values = OptionValues & ValuesOf<Options>;

/** Options may stand before the command, so that all are parsed at once. */
const ALL_OPTIONS: Options = Object.fromEntries(
  [OPTIONS, ...ALL_COMMANDS.map(({ options }) => options)].flatMap((each) => Object.entries<Option>(each)),
);

/** The parts of a command line: words that are no options, and options in their order. */
export interface Words {
  readonly positionals: readonly string[];
  readonly given: readonly Given[];
  /** The positionals behind `--`; undefined without `--`. */
  readonly behind: readonly string[] | undefined;
}

interface Given {
  readonly name: string;
  /** As it was given; only one that has two characters is sure to be no part of a secret. */
  readonly raw: string;
  readonly value: string | undefined;
  /** Whether the value was given as in `--name=value`. */
  readonly isInline: boolean;
}

/** Splits a command line without checking it. What follows `--` is no option. */
export function splitWords(argv: readonly string[]): Words {
  const { tokens, positionals } = parseArgs({
    args: [...argv],
    options: ALL_OPTIONS,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const given = tokens.flatMap((token) =>
    token.kind === 'option'
      ? [{ name: token.name, raw: argv[token.index] ?? '', value: token.value, isInline: token.inlineValue === true }]
      : [],
  );
  const end = tokens.find(({ kind }) => kind === 'option-terminator');
  return { positionals, given, behind: end === undefined ? undefined : argv.slice(end.index + 1) };
}

/** Whether help is asked for, at whatever place, and even where another option lacks its value. */
export const asksForHelp = ({ given }: Words): boolean =>
  given.some(({ name, raw, value, isInline }) => !isInline && ((name === 'help' && isAlone(raw)) || isHelp(value)));

export const asksForVersion = ({ given }: Words): boolean =>
  given.some(({ name, raw, isInline }) => !isInline && name === 'version' && isAlone(raw));

/** Whether nothing but our own letters stands after one hyphen: in a text that has come there by mistake any letter may stand. */
const isAlone = (raw: string): boolean => raw.startsWith('--') || raw === '-help' || OWN_LETTERS.test(raw);
const OWN_LETTERS = new RegExp(`^-[${OPTIONS.help.short}${OPTIONS.version.short}]+$`);

const isHelp = (value: string | undefined): boolean => value === '--help' || value === `-${OPTIONS.help.short}`;

/**
 * The options' values.
 *
 * @throws CliError `usage`, which names our own options and never repeats what was given
 */
export function readOptions({ given }: Words, command: Command | ProgramCommand): Values {
  const values = new Map<string, string | boolean | readonly string[]>();
  for (const each of given) {
    const option = optionOf(each, command);
    const before = values.get(each.name);
    if (option.type === 'boolean') {
      if (each.value !== undefined) throw usageError(`--${each.name} takes no value`);
      values.set(each.name, true);
    } else if (option.multiple === true) {
      values.set(each.name, [...((before ?? []) as readonly string[]), valueOf(each, option)]);
    } else {
      if (before !== undefined) throw usageError(`--${each.name} is given twice; it has one value`);
      values.set(each.name, valueOf(each, option));
    }
  }
  return Object.fromEntries(values);
}

function valueOf({ name, value, isInline }: Given, { choices }: Extract<Option, { type: 'string' }>): string {
  // "-" alone is a value; anything longer may be an option that the value was forgotten before.
  if (value === undefined || (!isInline && /^-./.test(value))) {
    throw usageError(`--${name} lacks its value; one that begins with - is given as --${name}=…`);
  }
  if (value === '') throw usageError(`--${name}: must not be empty`);
  return choices === undefined ? value : readChoice(`--${name}`, value, choices);
}

function optionOf(each: Given, command: Command | ProgramCommand): Option {
  const allowed: Options = { ...command.options, ...OPTIONS };
  const option = Object.hasOwn(allowed, each.name) ? allowed[each.name] : undefined;
  if (option === undefined) throw noSuchOption(each, command, Object.keys(allowed));
  return option;
}

/** @throws CliError for an option that no command has, where no command is named that could say so */
export function refuseUnknown({ given }: Words): void {
  const unknown = given.find(({ name }) => !Object.hasOwn(ALL_OPTIONS, name));
  if (unknown !== undefined) throw noSuchOption(unknown, { words: ['keyward'] }, Object.keys(OPTIONS));
}

/** Says which options a command takes, and which of them was probably meant. */
function noSuchOption({ name, raw }: Given, { words }: Pick<Command, 'words'>, allowed: readonly string[]): CliError {
  const takes = `it takes ${allowed.map((each) => `--${each}`).join(', ')}`;
  const subject = words.join(' ');
  if (Object.hasOwn(ALL_OPTIONS, name)) return usageError(`${subject} does not take --${name}; ${takes}`);
  const meant = suggestion(meantBy(name, raw, allowed).map((each) => `--${each}`));
  return usageError(`${subject}: there is no such option${meant}; ${takes}; ${BY_STDIN}`);
}

/** After one hyphen a long name is not one: Node reads `-json` as five options, of which the first one is refused. */
function meantBy(name: string, raw: string, allowed: readonly string[]): readonly string[] {
  if (raw.startsWith('--')) return nearestNames(name, allowed);
  return raw.length > 2 ? nearestNames(raw.slice(1), allowed) : allowed.filter((each) => each.startsWith(name));
}

export const BY_STDIN = 'secrets and tokens are read from stdin, never from an argument';
