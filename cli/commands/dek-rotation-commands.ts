import { MAX_DEK_ROTATIONS_PAGE } from '../../lambdas/core/contract/limits';
import { command } from '../command';
import { usageError } from '../io/cli-error';
import { OF_PROVIDER, providerPath } from './of-provider';
import { PAGING, pageSize } from './paging';
import { REASON, reasonBody } from './reason';
import { YES } from './yes';

const OF_ROTATION = { parameters: ['provider', 'id'], required: 2, options: {} } as const;

/** Commands about rotations of a provider's key. */
export const DEK_ROTATION_COMMANDS = [
  command({
    words: ['rotate'],
    summary: "rotate a provider's DEK, and move all stored credentials to the new version",
    details: `Follows the rotation to its end and prints its result. Ctrl-C stops following; the rotation continues by itself. Retried
requests start only one rotation. --dry-run counts the stored values, and changes nothing.`,
    ...OF_PROVIDER,
    options: {
      ...REASON,
      emergency: {
        type: 'boolean',
        shown: '--emergency',
        help: 'the old key has leaked: promote at once and end the grace period; asks first',
      },
      'dry-run': {
        type: 'boolean',
        shown: '--dry-run',
        help: 'count stored values by version and try to open each; change nothing',
      },
      'no-wait': { type: 'boolean', shown: '--no-wait', help: 'return once the rotation has started' },
      'idempotency-key': {
        type: 'string',
        shown: '--idempotency-key KEY',
        help: 'a repeated key starts no second rotation',
        otherwise: 'a new one each time',
      },
      ...YES,
    },
    work: async () => (await import('./rotate')).rotate,
  }),
  command({
    words: ['rotation', 'list'],
    summary: "list a provider's rotations, newest first",
    ...OF_PROVIDER,
    options: PAGING,
    call: (parameters, options) => ({
      method: 'GET',
      path: `${providerPath(parameters)}/rotations`,
      query: pageSize(options, MAX_DEK_ROTATIONS_PAGE),
    }),
    shown: () => ({
      kind: 'list',
      member: 'rotations',
      columns: [
        // A part of an id names no rotation.
        { name: 'rotation_id', rank: 0, usual: 32 },
        { name: 'status', rank: 1, least: 10, usual: 9 },
        { name: 'version', rank: 3, least: 4 },
        { name: 'emergency', rank: 6, least: 5 },
        { name: 'started_at', rank: 2, least: 20, usual: 24 },
        { name: 'ended_at', rank: 5, usual: 24, spare: true },
        { name: 'started_by', rank: 7, least: 12, keeps: 'end', usual: 44, grows: true, spare: true },
        { name: 'reason', rank: 4, least: 12, grows: true },
      ],
    }),
  }),
  command({
    words: ['rotation', 'show'],
    summary: 'show a rotation: the latest, unless an id is given',
    ...OF_ROTATION,
    required: 1,
    work: async () => (await import('./show-dek-rotation')).showDekRotation,
  }),
  command({
    words: ['rotation', 'watch'],
    summary: 'follow a rotation to its end; the latest, unless an id is given',
    ...OF_ROTATION,
    required: 1,
    work: async () => (await import('./show-dek-rotation')).watchDekRotation,
  }),
  command({
    words: ['rotation', 'abort'],
    summary: 'abort a rotation before its promotion',
    ...OF_ROTATION,
    options: REASON,
    call: ([provider = '', id = ''], options) => {
      if (id === 'latest') throw usageError('rotation abort: the id is required');
      return { method: 'POST', path: `${providerPath([provider])}/rotations/${id}/abort`, ...reasonBody(options) };
    },
    shown: async () => ({ kind: 'object', rows: (await import('./dek-rotation-view')).dekRotationRows }),
  }),
];
