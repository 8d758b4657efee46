import { LOCAL_ENVIRONMENT } from '../lambdas/core/contract/environment';
import { DEFAULT_LOCAL_PORT, LOCAL_HOST, LOCAL_REGION } from '../lambdas/core/contract/local-mode';

interface Described {
  /** Its one-letter form. */
  readonly short?: string;
  /** Its form in help: the long name and its value. */
  readonly shown: string;
  readonly help: string;
}

/** An option without a value. */
interface Flag extends Described {
  readonly type: 'boolean';
}

/** An option with a value, which is never empty. */
type Valued = Described & {
  readonly type: 'string';
  /** Whether it is repeatable; any other is refused if it is given twice. */
  readonly multiple?: true;
  /** All allowed values: others are refused, and a shell completes these. */
  readonly choices?: readonly string[];
  /** The parameter or member that it becomes in a call, if that is not its own name with `_` for `-`. */
  readonly member?: string;
  /** What a shell completes if other values are allowed, too. */
  readonly completions?: readonly string[];
  /** Whether it is the path of a file: a shell completes paths. */
  readonly isFile?: true;
} & ({ /** What holds where it is not given. */ readonly otherwise: string } | { readonly needed: true });

/** An option: its parsing and its help. */
export type Option = Flag | Valued;

/** Options by their long names. */
export type Options = Readonly<Record<string, Option>>;

/** The options of every command. */
export const OPTIONS = {
  endpoint: {
    type: 'string',
    shown: '--endpoint URL',
    help: 'address of the service',
    otherwise: `${LOCAL_ENVIRONMENT.endpoint}, or http://${LOCAL_HOST}:${DEFAULT_LOCAL_PORT}`,
  },
  profile: {
    type: 'string',
    shown: '--profile NAME',
    help: 'profile of the AWS credentials',
    otherwise: 'AWS_PROFILE, or default',
  },
  region: {
    type: 'string',
    shown: '--region NAME',
    help: 'region to sign for',
    otherwise: `AWS_REGION or AWS_DEFAULT_REGION; ${LOCAL_REGION} for this machine`,
  },
  json: {
    type: 'boolean',
    shown: '--json',
    help: 'print JSON, errors too; a list as one object a line; not for help and completion',
  },
  help: { type: 'boolean', short: 'h', shown: '-h, --help', help: 'show help for the command, or for all' },
  version: { type: 'boolean', short: 'V', shown: '-V, --version', help: 'show the version' },
} as const satisfies Options;

/** Options with the given values. */
export type ValuesOf<O extends Options> = string extends keyof O
  ? Readonly<Record<string, string | boolean | readonly string[] | undefined>>
  : { readonly [N in NeededOf<O>]: string } & {
      readonly [N in Exclude<keyof O, NeededOf<O>>]?: O[N] extends { readonly multiple: true }
        ? readonly string[]
        : O[N]['type'] extends 'boolean'
          ? boolean
          : string;
    };

type NeededOf<O extends Options> = { [N in keyof O]: O[N] extends { readonly needed: true } ? N : never }[keyof O];

export type OptionValues = ValuesOf<typeof OPTIONS>;
