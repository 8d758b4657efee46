import type { ApiCall } from './client/api-call';
import type { Change } from './commands/agree-to-change';
import type { OutputFormat } from './io/output-format';
import type { ProgramEnd } from './program/program-end';
import type { Options, OptionValues, ValuesOf } from './options';
import type { ParameterKind } from './parameters';
import type { ApiClient, Session } from './session';

/** What a command reads from stdin: the body member that it becomes. */
export type SecretMember = 'plaintext' | 'ciphertext' | 'api_key';

/** How a command is called. */
interface CommandLine<O extends Options> {
  readonly words: readonly string[];
  readonly summary: string;
  /** More details, for the command's own help. */
  readonly details?: string;
  readonly parameters: readonly ParameterKind[];
  /** How many of the parameters are required. */
  readonly required: number;
  /** A repeatable last parameter. */
  readonly rest?: ParameterKind;
  /** Whether it takes a program and its arguments behind `--`, and no other parameters. */
  readonly takesProgram?: true;
  /**
   * Its own options, beside those of every command. An option of the same name in another command must also take a value, or none,
   * and shells complete the same for it.
   */
  readonly options: O;
  /** Whether it creates the named credential if there is none: then the name must not look like an API key. */
  readonly mayCreate?: (options: ValuesOf<O>) => boolean;
}

/** Where and when a call is made, as far as its meaning depends on it. */
export interface CallPlace {
  /** Whether the endpoint is on this machine. */
  readonly isLocal: boolean;
  /** By the wall clock, in milliseconds since 1970. */
  readonly now: number;
}

/** A command that is one call of the API, or one call a page. */
export interface CallCommand<O extends Options = Options> extends CommandLine<O> {
  readonly secret?: SecretMember;
  /** Called before anything is sent. Throws CliError if the secret is not fit. */
  readonly checkSecret?: (secret: string, options: ValuesOf<O>) => void;
  /** What it does to a stored credential: the user is asked first. */
  readonly change?: (options: ValuesOf<O>) => Change;
  readonly call: (parameters: readonly string[], options: ValuesOf<O>, place: CallPlace) => ApiCall;
  /** How its options answer an error, by code: the service only knows body members. */
  readonly remedies?: Readonly<Record<string, string>>;
  /** A promise if it is loaded on use: checking replies takes longer to load than everything else. */
  readonly shown: (parameters: readonly string[], options: ValuesOf<O>) => OutputFormat | Promise<OutputFormat>;
  /** The text for an empty list, beside its heading. Loaded on use. */
  readonly nothing?: () => Promise<(client: ApiClient, call: ApiCall) => Promise<string>>;
}

/** Carries out a command that makes several calls, or asks first. Throws CliError. */
type Workflow<O extends Options> = (
  session: Session,
  parameters: readonly string[],
  options: ValuesOf<O> & OptionValues,
) => Promise<void>;

/** Carries out a command that starts a program; returns how that ended. Throws CliError. */
type ProgramWork<O extends Options> = (...all: Parameters<Workflow<O>>) => Promise<ProgramEnd>;

/** A command of several calls. Its work is loaded on use. */
interface WorkCommand<O extends Options = Options> extends CommandLine<O> {
  readonly work: () => Promise<Workflow<O> | ProgramWork<O>>;
}

export type Command = CallCommand | WorkCommand;

/** A command about the program itself, which makes no calls. */
export interface ProgramCommand extends CommandLine<Options> {
  readonly prints: 'help' | 'completion';
}

/** A command typed by its own options; the parser refuses any other. */
export const command = <const O extends Options>(one: CallCommand<O> | WorkCommand<O>): Command =>
  one as unknown as Command;
