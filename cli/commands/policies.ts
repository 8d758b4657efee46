import { INTERVALS_DAYS, LONGEST_INTERVAL_DAYS } from '../../lambdas/core/contract/limits';
import { command } from '../command';
import { OF_PROVIDER, providerPath } from './of-provider';

const UNCHANGED = 'unchanged';

/** Commands about the rotation policy. */
export const POLICY_COMMANDS = [
  command({
    words: ['policy', 'show'],
    summary: 'show the rotation policy of a provider',
    ...OF_PROVIDER,
    options: {},
    call: (parameters) => ({ method: 'GET', path: `${providerPath(parameters)}/rotation-policy` }),
    shown: async () => ({ kind: 'object', rows: (await import('./set-policy')).policyRows }),
  }),
  command({
    words: ['policy', 'set'],
    summary: 'change the rotation policy of a provider; options that are not given stay as they are',
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
        help: `days in which tokens under the earlier version still decrypt, 0 to ${LONGEST_INTERVAL_DAYS} and no longer than the interval`,
        otherwise: UNCHANGED,
      },
      enable: { type: 'boolean', shown: '--enable', help: 'rotate on schedule' },
      disable: { type: 'boolean', shown: '--disable', help: 'rotate only on request' },
    },
    work: async () => (await import('./set-policy')).setPolicy,
  }),
];
