import type { ApiCall } from './client/api-call';
import type { Change } from './commands/agree-to-change';
import type { OutputFormat } from './io/output-format';
import type { ProgramEnd } from './program/program-end';
import type { Options, OptionValues, ValuesOf } from './options';
import type { ParameterKind } from './parameters';
import type { ApiClient, Session } from './session';

/** What a command reads from stdin: the member of the request's body that it becomes. */
export type SecretMember = 'plaintext' | 'ciphertext' | 'api_key';

/** How a command is called. */
interface CommandLine<O extends Options> {
  readonly words: readonly string[];
  readonly summary: string;
  /** More about it, for its own help. */
  readonly details?: string;
  readonly parameters: readonly ParameterKind[];
  /** How many of the parameters must be there. */
  readonly required: number;
  /** What may follow them, again and again. */
  readonly rest?: ParameterKind;
  /** Whether a program and its arguments follow, behind `--`: they are its parameters then, and it has no others. */
  readonly takesProgram?: true;
  /**
   * Its own options, beside those of every command. One that another command has by the same name takes a value as well, or none as
   * well, and shells complete the same for it.
   */
  readonly options: O;
  /** Whether it makes what its name says where there is nothing: then the name must not look like an API key. */
  readonly mayCreate?: (options: ValuesOf<O>) => boolean;
}

/** Where and when a call is made, as far as that says what is meant. */
export interface CallPlace {
  /** Whether the endpoint is on this machine. */
  readonly isLocal: boolean;
  /** By the wall clock, in milliseconds since 1970. */
  readonly now: number;
}

/** A command that is one call of the API, or page after page. */
export interface CallCommand<O extends Options = Options> extends CommandLine<O> {
  readonly secret?: SecretMember;
  /** Before anything is sent. Throws CliError where the secret is not fit. */
  readonly checkSecret?: (secret: string, options: ValuesOf<O>) => void;
  /** What it does to a credential that is stored already: it is asked about first. */
  readonly change?: (options: ValuesOf<O>) => Change;
  readonly call: (parameters: readonly string[], options: ValuesOf<O>, place: CallPlace) => ApiCall;
  /** What its options do about what the service refuses, by the error's code: the service knows members of a body alone. */
  readonly remedies?: Readonly<Record<string, string>>;
  /** A promise where what it needs is loaded only then: checking replies takes longer to load than all the rest. */
  readonly shown: (parameters: readonly string[], options: ValuesOf<O>) => OutputFormat | Promise<OutputFormat>;
  /** What is said of a list that is empty, beside its heading. Loaded only then. */
  readonly nothing?: () => Promise<(client: ApiClient, call: ApiCall) => Promise<string>>;
}

/** What carries out a command that makes more than one call, or asks before it does. Throws CliError. */
type Workflow<O extends Options> = (
  session: Session,
  parameters: readonly string[],
  options: ValuesOf<O> & OptionValues,
) => Promise<void>;

/** What carries out a command that starts a program: gives how that has ended. Throws CliError. */
type ProgramWork<O extends Options> = (...all: Parameters<Workflow<O>>) => Promise<ProgramEnd>;

/** A command that is more than one call. Its work is loaded when it is asked for. */
interface WorkCommand<O extends Options = Options> extends CommandLine<O> {
  readonly work: () => Promise<Workflow<O> | ProgramWork<O>>;
}

export type Command = CallCommand | WorkCommand;

/** A command about the program itself, which asks nobody. */
export interface ProgramCommand extends CommandLine<Options> {
  readonly prints: 'help' | 'completion';
}

/** A command, in which only its own options have values: the parser refuses any other. */
export const command = <const O extends Options>(one: CallCommand<O> | WorkCommand<O>): Command =>
  one as unknown as Command;
