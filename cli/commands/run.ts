import { command } from '../command';

/** The command that passes stored keys to a program. */
export const RUN_COMMANDS = [
  command({
    words: ['run'],
    summary: 'start a program with stored keys in its environment',
    details: `The command reveals all keys, each with an event in the audit log, and then starts the program; if one fails, it does not start it.
The program runs without a shell, in this directory, with this stdin and environment, which includes the credentials that sign requests
to Keyward. Signals are passed on, and the program's exit code is the command's. Variables by which programs load code or find programs,
such as NODE_OPTIONS, LD_PRELOAD and PATH, cannot be set. --mask hides values of at least 8 characters in the program's stdout and
stderr: the value, each of its lines, as a JSON string, percent-encoded and in base64. It does not hide other encodings, parts, or output
elsewhere, and the program sees no terminal. Without --mask the program has the command's stdout and stderr.`,
    parameters: [],
    required: 0,
    takesProgram: true,
    options: {
      credential: {
        type: 'string',
        multiple: true,
        shown: '--credential PROVIDER/NAME=VARIABLE',
        help: 'set this variable to this stored key; repeatable',
        otherwise: 'those of --env-file',
      },
      'env-file': {
        type: 'string',
        multiple: true,
        isFile: true,
        shown: '--env-file FILE',
        help: 'set the variables of this file, over those that exist; a value keyward://PROVIDER/NAME is that stored key',
        otherwise: 'none',
      },
      mask: { type: 'boolean', shown: '--mask', help: "hide the keys' values in the program's output" },
    },
    work: async () => (await import('../program/run-program')).runProgram,
  }),
];
