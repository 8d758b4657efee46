import { readRevision } from '../option-values';
import type { ValuesOf } from '../options';
import { providerPath } from './of-provider';

/** The parameters of a command about one stored credential. */
export const OF_CREDENTIAL = { parameters: ['provider', 'name'], required: 2 } as const;

export const credentialPath = ([provider = '', name = '']: readonly string[]): string =>
  `${providerPath([provider])}/credentials/${name}`;

/** Option of commands that change what is stored. */
export const IF_MATCH = {
  'if-match': {
    type: 'string',
    shown: '--if-match REVISION',
    help: 'only if this is the stored revision; * for any',
    otherwise: 'any revision',
  },
} as const;

/** @throws CliError if it is not a revision */
export const ifMatch = (options: ValuesOf<typeof IF_MATCH>): Record<string, string> =>
  options['if-match'] === undefined ? {} : { 'if-match': readRevision(options['if-match']) };
