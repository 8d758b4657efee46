import { INTERVALS_DAYS, LONGEST_INTERVAL_DAYS } from '../../lambdas/core/contract/limits';
import { command } from '../command';
import { OF_PROVIDER, providerPath } from './of-provider';

const UNCHANGED = 'as it is';

/** When a provider rotates by itself. */
export const POLICY_COMMANDS = [
  command({
    words: ['policy', 'show'],
    summary: 'show when a provider rotates by itself',
    ...OF_PROVIDER,
    options: {},
    call: (parameters) => ({ method: 'GET', path: `${providerPath(parameters)}/rotation-policy` }),
    shown: async () => ({ kind: 'object', rows: (await import('./set-policy')).policyRows }),
  }),
  command({
    words: ['policy', 'set'],
    summary: 'change when a provider rotates by itself; what is not named stays',
    ...OF_PROVIDER,
    options: {
      interval: {
        type: 'string',
        member: 'interval_days',
        choices: INTERVALS_DAYS.map(String),
        shown: `--interval ${INTERVALS_DAYS.join('|')}`,
        help: 'days between two rotations',
        otherwise: UNCHANGED,
      },
      grace: {
        type: 'string',
        member: 'grace_period_days',
        shown: '--grace DAYS',
        help: `how long tokens under the key before still decrypt, 0 to ${LONGEST_INTERVAL_DAYS} and no longer than the interval`,
        otherwise: UNCHANGED,
      },
      enable: { type: 'boolean', shown: '--enable', help: 'rotate by itself' },
      disable: { type: 'boolean', shown: '--disable', help: 'rotate only when asked to' },
    },
    work: async () => (await import('./set-policy')).setPolicy,
  }),
];
