import { isKeyShaped } from '../lambdas/core/contract/key-shaped';
import { usageError } from './io/cli-error';
import { IN_HISTORY } from './io/in-history';
import type { Command, ProgramCommand } from './command';
import { findCommand, groupOf, noSuchCommand } from './find-command';
import { PARAMETERS, type Shell } from './parameters';
import {
  asksForHelp,
  asksForVersion,
  BY_STDIN,
  readOptions,
  refuseUnknown,
  splitWords,
  type Words,
  type Values,
} from './read-options';
import { synopsis } from './synopsis';

/** A command line that is valid as far as can be told without asking the service. */
export interface Invocation {
  readonly kind: 'command';
  readonly command: Command;
  readonly parameters: readonly string[];
  readonly options: Values;
}

/** The topic of help: the program, a command, or a group of commands. */
export type Topic = Command | ProgramCommand | { readonly group: string } | undefined;

export type Parsed =
  | Invocation
  | { readonly kind: 'help'; readonly topic: Topic }
  | { readonly kind: 'completion'; readonly shell: Shell }
  | { readonly kind: 'version' }
  /** No arguments at all. */
  | { readonly kind: 'nothing' };

/**
 * Parses the arguments after the program's name. Options may stand anywhere. Help comes before any error.
 *
 * @throws CliError `usage`, which never repeats an argument: it may be a secret
 */
export function parseArguments(argv: readonly string[]): Parsed {
  if (argv.length === 0) return { kind: 'nothing' };
  const words = splitWords(argv);
  const { positionals } = words;
  if (asksForHelp(words)) return { kind: 'help', topic: topicOf(positionals) };
  if (asksForVersion(words)) return { kind: 'version' };
  const command = findCommand(positionals);
  if (command === undefined) {
    if (positionals.length === 0) refuseUnknown(words);
    throw noSuchCommand(positionals);
  }
  if (command.takesProgram === true) checkProgram(words, command);
  const options = readOptions(words, command);
  const parameters = parametersOf(command, positionals);
  if ('prints' in command && command.prints === 'help') return { kind: 'help', topic: topicOf(parameters) };
  if (command.takesProgram !== true) checkParameters(command, parameters, options);
  if ('prints' in command) return { kind: 'completion', shell: parameters[0] as Shell };
  checkOptions(command, options);
  return { kind: 'command', command, parameters, options };
}

/** @throws CliError if there is no such command */
function topicOf(positionals: readonly string[]): Topic {
  const [first] = positionals;
  if (first === undefined) return undefined;
  const command = findCommand(positionals);
  if (command !== undefined) return command;
  if (groupOf(first).length === 0) throw noSuchCommand(positionals);
  return { group: first };
}

/** The arguments after the command's words. A credential may be named in one word, too, as in openai/default. */
function parametersOf({ words, parameters }: Command | ProgramCommand, positionals: readonly string[]): string[] {
  const [first = '', ...others] = positionals.slice(words.length);
  const slash = first.indexOf('/');
  const isBoth = slash !== -1 && parameters[0] === 'provider' && parameters[1] === 'name';
  if (isBoth) return [first.slice(0, slash), first.slice(slash + 1), ...others];
  return positionals.slice(words.length);
}

/** Everything behind `--` belongs to the program. */
function checkProgram({ positionals, behind }: Words, command: Command | ProgramCommand): void {
  const name = command.words.join(' ');
  const usage = `usage: keyward ${synopsis(command)}`;
  if (behind === undefined) {
    throw usageError(`${name}: the program is missing: put options first, then --, then the program; ${usage}`);
  }
  const before = positionals.slice(0, positionals.length - behind.length);
  if (before.length < command.words.length) throw usageError(`${name} must stand before --; ${usage}`);
  if (before.length > command.words.length) {
    const leaked = before.some(isKeyShaped) ? `; ${BY_STDIN}, and ${IN_HISTORY}` : '';
    throw usageError(`${name}: only options may stand before --; ${usage}${leaked}`);
  }
  if (behind.length === 0) throw usageError(`${name}: the program is missing after --; ${usage}`);
}

function checkParameters(command: Command | ProgramCommand, parameters: readonly string[], options: Values): void {
  const name = command.words.join(' ');
  const usage = `usage: keyward ${synopsis(command)}`;
  if (parameters.length > command.parameters.length && command.rest === undefined) {
    const leaked = parameters.slice(command.parameters.length).some(isKeyShaped) ? `, and ${IN_HISTORY}` : '';
    throw usageError(`${name}: one argument too many; ${usage}; ${BY_STDIN}${leaked}`);
  }
  const missing = command.parameters[parameters.length];
  if (missing !== undefined && parameters.length < command.required) {
    throw usageError(`${name}: the ${missing} is missing; ${usage}`);
  }
  for (const [index, parameter] of parameters.entries()) {
    const kind = command.parameters[index] ?? command.rest ?? 'name';
    const { canBe, rule } = PARAMETERS[kind];
    // Ids of rotations look random, too; what is stored under the name of a key goes on being read.
    const mayBeKey = canBe(parameter) && kind !== 'provider' && !(kind === 'name' && command.mayCreate?.(options));
    if (isKeyShaped(parameter) && !mayBeKey) {
      throw usageError(`${name}: the ${kind} looks like a key or token; ${BY_STDIN}, and ${IN_HISTORY}`);
    }
    if (!canBe(parameter)) throw usageError(`${name}: the ${kind} must be ${rule}; ${BY_STDIN}`);
  }
}

function checkOptions(command: Command, values: Values): void {
  const name = command.words.join(' ');
  for (const [option, { type, ...rest }] of Object.entries(command.options)) {
    if (type === 'string' && 'needed' in rest && values[option] === undefined) {
      throw usageError(`${name}: --${option} is missing; usage: keyward ${synopsis(command)}`);
    }
  }
  if (values['if-match'] !== undefined && values['if-none-match'] === true) {
    throw usageError(`${name}: only one of --if-match and --if-none-match may be given`);
  }
}
