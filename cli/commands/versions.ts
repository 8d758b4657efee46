import { MAX_WINDOW_DAYS, MIN_WINDOW_DAYS } from '../../lambdas/core/contract/limits';
import { command } from '../command';
import { counted } from '../io/counted';
import { firstTime, FROM } from './from-time';
import { providerPath } from './of-provider';
import { REASON, reasonBody } from './reason';
import { YES } from './yes';
import type { JsonObject } from '../client/json-object';

const OF_VERSION = { parameters: ['provider', 'version'], required: 2 } as const;
const versionPath = ([provider = '', version = '']: readonly string[]): string =>
  `${providerPath([provider])}/versions/${version}`;

/** Commands about the versions of a provider's key. */
export const VERSION_COMMANDS = [
  command({
    words: ['version', 'callers'],
    summary: 'show who still presents tokens of a key version',
    ...OF_VERSION,
    options: { ...FROM, from: { ...FROM.from, otherwise: 'when another version became the primary' } },
    call: (parameters, options, { now }) => {
      const from = firstTime(options, now);
      return {
        method: 'GET',
        path: `${versionPath(parameters)}/callers`,
        query: from === undefined ? {} : { from },
      };
    },
    shown: () => ({ kind: 'object', rows: callerRows }),
  }),
  command({
    words: ['version', 'schedule-destruction'],
    summary: 'schedule the destruction of an unused key version',
    ...OF_VERSION,
    options: {
      window: {
        type: 'string',
        member: 'pending_window_days',
        shown: '--window DAYS',
        help: `days in which it can be cancelled, ${MIN_WINDOW_DAYS} to ${MAX_WINDOW_DAYS}`,
        needed: true,
      },
      ...REASON,
      ...YES,
    },
    work: async () => (await import('./schedule-destruction')).scheduleDestruction,
  }),
  command({
    words: ['version', 'cancel-destruction'],
    summary: 'cancel the scheduled destruction of a key version',
    ...OF_VERSION,
    options: REASON,
    call: (parameters, options) => ({
      method: 'POST',
      path: `${versionPath(parameters)}/cancel-destruction`,
      ...reasonBody(options),
    }),
    shown: () => ({ kind: 'object' }),
  }),
];

/** Most uses first, as the service sorts them. */
function callerRows({ callers, complete, ...rest }: JsonObject): readonly (readonly [string, unknown])[] {
  const rows = Array.isArray(callers) ? (callers as JsonObject[]) : [];
  return [
    ...Object.entries(rest),
    ['complete', complete === true ? 'yes' : 'no: the log is longer than one call reads; name a later --from'],
    ...rows.map(
      ({ user_id, uses, last_used_at }) =>
        ['caller', `${String(user_id)}: ${counted(Number(uses), 'use')}, last ${String(last_used_at)}`] as const,
    ),
  ];
}
