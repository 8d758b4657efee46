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
  command({
    words: ['kek', 'move'],
    summary: 'move the KEK to another home, in steps: --from and --to, then --finish or --abort',
    details: `The configuration has to name both homes. The service copies the KEK: no key reaches this machine. While the move stands no
KEK rotates. Ctrl-C stops following; the same command goes on. Nothing is deleted.`,
    parameters: [],
    required: 0,
    options: {
      from: { type: 'string', shown: '--from HOME', help: 'where the KEK is: local, aws or vault', otherwise: 'none' },
      to: { type: 'string', shown: '--to HOME', help: 'where it moves to', otherwise: 'none' },
      finish: { type: 'boolean', shown: '--finish', help: 'end the move, once every region reads the new home' },
      abort: { type: 'boolean', shown: '--abort', help: 'go back to the old home' },
      'no-wait': { type: 'boolean', shown: '--no-wait', help: 'do one step, and show how far the move is' },
    },
    work: async () => (await import('./move-kek')).moveKek,
  }),
];
