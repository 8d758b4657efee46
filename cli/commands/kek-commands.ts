import { command } from '../command';

/** Commands about the KEK. */
export const KEK_COMMANDS = [
  command({
    words: ['kek', 'status'],
    summary: 'show the KEK: where it is, its age, next and pending rotation, regions; no key material',
    parameters: [],
    required: 0,
    options: {},
    call: () => ({ method: 'GET', path: '/v1/kek' }),
    shown: async () => ({ kind: 'object', rows: (await import('./kek-view')).kekRows }),
  }),
  command({
    words: ['kek', 'rotate'],
    summary: 'rotate the KEK now, or go on with a pending rotation',
    details: `Follows the rotation to its end and prints the KEK. Ctrl-C stops following; the rotation continues by itself. Nothing has
to be changed by callers: tokens and stored credentials stay as they are.`,
    parameters: [],
    required: 0,
    options: {
      'no-wait': { type: 'boolean', shown: '--no-wait', help: 'return once the rotation has started' },
    },
    work: async () => (await import('./rotate-kek')).rotateKek,
  }),
];
