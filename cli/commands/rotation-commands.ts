import { MAX_ROTATIONS_PAGE } from '../../lambdas/core/contract/limits';
import { usageError } from '../io/cli-error';
import type { Command } from '../commands';
import type { OptionValues } from '../options';

type JsonObject = Readonly<Record<string, unknown>>;

const ofProvider = { parameters: ['provider'], required: 1 } as const;
const ofRotation = { parameters: ['provider', 'id'], required: 2, options: [] } as const;
const ofVersion = { parameters: ['provider', 'version'], required: 2 } as const;
const providerPath = ([provider = '']: readonly string[]): string => `/v1/providers/${provider}`;
const versionPath = ([provider = '', version = '']: readonly string[]): string =>
  `/v1/providers/${provider}/versions/${version}`;

/** What an operator does with the versions of a provider's key. */
export const ROTATION_COMMANDS: readonly Command[] = [
  {
    words: ['rotate'],
    summary: "replace a provider's key and move all stored credentials to the new one, while nobody notices",
    details: `Follows the rotation to its end and prints its result. Ctrl-C stops following; the rotation goes on by itself. Started
once, however often the request has to be sent. --dry-run counts what there is, and changes nothing.`,
    ...ofProvider,
    options: ['reason', 'emergency', 'dry-run', 'no-wait', 'idempotency-key', 'yes'],
    work: 'rotate',
  },
  {
    words: ['rotation', 'list'],
    summary: "list a provider's rotations, newest first",
    ...ofProvider,
    options: ['limit', 'all'],
    call: (parameters, options) => ({
      method: 'GET',
      path: `${providerPath(parameters)}/rotations`,
      query: rotationPage(options),
    }),
    shown: () => ({
      kind: 'list',
      member: 'rotations',
      columns: ['rotation_id', 'status', 'version', 'emergency', 'started_at', 'ended_at', 'started_by', 'reason'],
    }),
  },
  {
    words: ['rotation', 'show'],
    summary: 'show a rotation by its id, or the latest',
    ...ofRotation,
    work: 'show-rotation',
  },
  {
    words: ['rotation', 'watch'],
    summary: 'follow a rotation to its end; the latest, unless an id is given',
    ...ofRotation,
    required: 1,
    work: 'watch-rotation',
  },
  {
    words: ['rotation', 'abort'],
    summary: 'give up a rotation before its promotion',
    ...ofRotation,
    call: ([provider = '', id = '']) => {
      if (id === 'latest') throw usageError('rotation abort: the id has to be given');
      return { method: 'POST', path: `${providerPath([provider])}/rotations/${id}/abort` };
    },
    shown: async () => ({ kind: 'object', rows: (await import('./rotation-view')).rotationRows }),
  },
  {
    words: ['policy', 'show'],
    summary: 'show when a provider rotates by itself',
    ...ofProvider,
    options: [],
    call: (parameters) => ({ method: 'GET', path: `${providerPath(parameters)}/rotation-policy` }),
    shown: async () => ({ kind: 'object', rows: (await import('./set-policy')).policyRows }),
  },
  {
    words: ['policy', 'set'],
    summary: 'change when a provider rotates by itself; what is not named stays',
    ...ofProvider,
    options: ['interval', 'grace', 'enable', 'disable'],
    work: 'set-policy',
  },
  {
    words: ['version', 'callers'],
    summary: 'show who still presents tokens of a key version',
    ...ofVersion,
    options: ['from'],
    call: (parameters, { from }) => ({
      method: 'GET',
      path: `${versionPath(parameters)}/callers`,
      query: from === undefined ? {} : { from },
    }),
    shown: () => ({ kind: 'object', rows: callerRows }),
  },
  {
    words: ['version', 'schedule-destruction'],
    summary: 'have a key version that is no longer used destroyed after a while',
    ...ofVersion,
    options: ['window', 'yes'],
    work: 'schedule-destruction',
  },
  {
    words: ['version', 'cancel-destruction'],
    summary: 'keep a key version after all',
    ...ofVersion,
    options: [],
    call: (parameters) => ({ method: 'POST', path: `${versionPath(parameters)}/cancel-destruction` }),
    shown: () => ({ kind: 'object' }),
  },
];

const rotationPage = ({ limit, all }: OptionValues): Record<string, string> => {
  const size = limit ?? (all === true ? String(MAX_ROTATIONS_PAGE) : undefined);
  return size === undefined ? {} : { limit: size };
};

/** Those with most uses come first, as the service sorts them. */
function callerRows({ callers, complete, ...rest }: JsonObject): readonly (readonly [string, unknown])[] {
  const rows = Array.isArray(callers) ? (callers as JsonObject[]) : [];
  return [
    ...Object.entries(rest),
    ['complete', complete === true ? 'yes' : 'no: the log is longer than one call reads; name a later --from'],
    ...rows.map(
      ({ user_id, uses, last_used_at }) =>
        ['caller', `${String(user_id)}: ${String(uses)} uses, last ${String(last_used_at)}`] as const,
    ),
  ];
}
