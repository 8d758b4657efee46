import { parseArgs } from 'node:util';
import { CREDENTIAL_NAME_PATTERN, ROTATION_ID_PATTERN } from '../lambdas/core/contract/names';
import { parseKeyVersion } from '../lambdas/core/crypto/key-version';
import { isProvider } from '../lambdas/core/crypto/provider';
import { usageError, type CliError } from './io/cli-error';
import type { Command, ParameterKind } from './command';
import { COMMANDS } from './commands';
import { OPTIONS, type Option, type Options, type OptionValues, type ValuesOf } from './options';

/** Options as they were given: those of every command, and those of the one that is called. */
type Values = OptionValues & ValuesOf<Options>;

/** A command line that can be carried out as far as it can be told without asking the service. */
export interface Invocation {
  readonly kind: 'command';
  readonly command: Command;
  readonly parameters: readonly string[];
  readonly options: Values;
}

export type Parsed =
  Invocation | { readonly kind: 'help'; readonly command: Command | undefined } | { readonly kind: 'version' };

/** Options may stand before the command, so that all are parsed at once. */
const ALL_OPTIONS: Options = Object.fromEntries(
  [OPTIONS, ...COMMANDS.map(({ options }) => options)].flatMap((each) => Object.entries<Option>(each)),
);

const BY_STDIN = 'secrets and tokens are read from stdin, never from an argument';
/** What keys of known providers, Keyward's tokens and AWS's access keys begin with: it must not get into a URL. */
const LOOKS_SECRET = /^(sk-|sk_|kw1|AIza|AKIA|ASIA)/;

/**
 * Reads the arguments after the program's name. Options may stand anywhere.
 *
 * @throws CliError `usage`, which never repeats an argument: it may be a secret that should have come by stdin
 */
export function parseArguments(argv: readonly string[]): Parsed {
  const { values, positionals } = parseStrictly(argv);
  const command = COMMANDS.find(({ words }) => words.every((word, index) => positionals[index] === word));
  if (values.help === true) return { kind: 'help', command };
  if (values.version === true) return { kind: 'version' };
  if (command === undefined) throw noSuchCommand(positionals);
  const parameters = positionals.slice(command.words.length);
  checkParameters(command, parameters);
  checkOptions(command, values);
  return { kind: 'command', command, parameters, options: values };
}

function parseStrictly(argv: readonly string[]): { values: Values; positionals: string[] } {
  try {
    const parsed = parseArgs({ args: [...argv], options: ALL_OPTIONS, strict: true, allowPositionals: true });
    return { values: parsed.values as Values, positionals: parsed.positionals };
  } catch (thrown) {
    const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : undefined;
    if (code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE') {
      throw usageError('an option lacks its value, or has one that it does not take; see keyward --help');
    }
    throw usageError(`there is no such option; ${BY_STDIN}; see keyward --help`);
  }
}

function noSuchCommand(positionals: readonly string[]): CliError {
  const [group = ''] = positionals;
  const members = COMMANDS.flatMap(({ words: [first, second] }) => (first === group && second ? [second] : []));
  if (members.length > 0) return usageError(`${group} takes one of ${members.join(', ')}`);
  return usageError(
    `${positionals.length === 0 ? 'a command is missing' : 'there is no such command'}; see keyward --help`,
  );
}

const CAN_BE: Readonly<Record<ParameterKind, (text: string) => boolean>> = {
  provider: isProvider,
  name: (text) => CREDENTIAL_NAME_PATTERN.test(text),
  id: (text) => text === 'latest' || ROTATION_ID_PATTERN.test(text),
  version: (text) => parseKeyVersion(text) !== undefined,
};

function checkParameters(command: Command, parameters: readonly string[]): void {
  const name = command.words.join(' ');
  if (parameters.length > command.parameters.length) throw usageError(`${name}: one argument too many; ${BY_STDIN}`);
  const missing = command.parameters[parameters.length];
  if (missing !== undefined && parameters.length < command.required)
    throw usageError(`${name}: the ${missing} is missing`);
  for (const [index, parameter] of parameters.entries()) {
    const kind = command.parameters[index];
    if (kind === undefined || !CAN_BE[kind](parameter) || LOOKS_SECRET.test(parameter)) {
      throw usageError(`${name}: the ${kind ?? ''} is not one that there can be; ${BY_STDIN}`);
    }
  }
}

function checkOptions(command: Command, values: Values): void {
  const name = command.words.join(' ');
  const foreign = Object.keys(values).find(
    (option) => !Object.hasOwn(OPTIONS, option) && !Object.hasOwn(command.options, option),
  );
  if (foreign !== undefined) throw usageError(`${name} does not take --${foreign}`);
  if (values['if-match'] !== undefined && values['if-none-match'] === true) {
    throw usageError(`${name}: only one of --if-match and --if-none-match may be given`);
  }
}
