import { command } from '../command';
import { providerPath } from './of-provider';

/** Commands that describe keys. */
export const KEY_COMMANDS = [
  command({
    words: ['keys'],
    summary: 'show the key versions of all providers, or of one in full; no key material',
    parameters: ['provider'],
    required: 0,
    options: {},
    call: (parameters) => ({
      method: 'GET',
      path: parameters.length === 0 ? '/v1/providers' : providerPath(parameters),
    }),
    shown: (parameters) =>
      parameters.length > 0
        ? { kind: 'object' }
        : {
            kind: 'list',
            member: 'providers',
            columns: [
              { name: 'provider', rank: 0, least: 12 },
              { name: 'primary_version', rank: 1, least: 7 },
              { name: 'dek_created_at', rank: 2, least: 20 },
              { name: 'dek_rotation_count', rank: 4, least: 7 },
              { name: 'kek_id', rank: 3, least: 12 },
            ],
          },
  }),
];
