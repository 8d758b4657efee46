import { LOCAL_ENVIRONMENT } from '../lambdas/core/contract/environment';
import { DEFAULT_LOCAL_PORT, LOCAL_HOST, LOCAL_REGION } from '../lambdas/core/contract/local-mode';

/** An option: how it is parsed, and what `--help` says of it. */
export interface Option {
  readonly type: 'string' | 'boolean';
  readonly multiple?: true;
  readonly shown: string;
  readonly help: string;
}

/** Options by their long names. */
export type Options = Readonly<Record<string, Option>>;

/** Those of every command. */
export const OPTIONS = {
  endpoint: {
    type: 'string',
    shown: '--endpoint URL',
    help: `where Keyward is (${LOCAL_ENVIRONMENT.endpoint}, or http://${LOCAL_HOST}:${DEFAULT_LOCAL_PORT})`,
  },
  profile: { type: 'string', shown: '--profile NAME', help: 'profile of the AWS credentials (AWS_PROFILE)' },
  region: {
    type: 'string',
    shown: '--region NAME',
    help: `region to sign for (AWS_REGION, AWS_DEFAULT_REGION; ${LOCAL_REGION} for this machine)`,
  },
  json: { type: 'boolean', shown: '--json', help: 'print JSON; of a list, one object a line; errors too' },
  help: { type: 'boolean', shown: '--help', help: 'show help, of a command where one is named' },
  version: { type: 'boolean', shown: '--version', help: 'show the version' },
} as const satisfies Options;

/** Options as they were given. */
export type ValuesOf<O extends Options> = string extends keyof O
  ? Readonly<Record<string, string | boolean | readonly string[] | undefined>>
  : {
      readonly [N in keyof O]?: O[N] extends { readonly multiple: true }
        ? readonly string[]
        : O[N]['type'] extends 'boolean'
          ? boolean
          : string;
    };

export type OptionValues = ValuesOf<typeof OPTIONS>;
