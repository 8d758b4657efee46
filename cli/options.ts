import { LOCAL_ENVIRONMENT } from '../lambdas/core/contract/environment';
import { DEFAULT_LOCAL_PORT, LOCAL_HOST, LOCAL_REGION } from '../lambdas/core/contract/local-mode';

interface Described {
  /** One letter that does the same. */
  readonly short?: string;
  /** As help shows it: its long name, and what its value is. */
  readonly shown: string;
  readonly help: string;
}

/** An option that is there or is not. */
interface Flag extends Described {
  readonly type: 'boolean';
}

/** An option with a value, which is never empty. */
type Valued = Described & {
  readonly type: 'string';
  /** May be given again and again; any other is refused where it is given twice. */
  readonly multiple?: true;
  /** All values that it takes: others are refused, and a shell completes these. */
  readonly choices?: readonly string[];
  /** The parameter or member that it becomes in a call, where that is not its own name with `_` for `-`. */
  readonly member?: string;
  /** What a shell completes where it takes others, too. */
  readonly completions?: readonly string[];
  /** Whether it is the path of a file: a shell completes these. */
  readonly isFile?: true;
} & ({ /** What holds where it is not given. */ readonly otherwise: string } | { readonly needed: true });

/** An option: how it is parsed, and what help says of it. */
export type Option = Flag | Valued;

/** Options by their long names. */
export type Options = Readonly<Record<string, Option>>;

/** Those of every command. */
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

/** Options as they were given. */
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
