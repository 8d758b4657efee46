import { command } from '../command';

/** What hands stored keys to a program. */
export const RUN_COMMANDS = [
  command({
    words: ['run'],
    summary: 'start a program with stored keys in its environment',
    details: `All keys are revealed, each with its event in the audit log, before the program is started, or it is not started. It is started
without a shell, with this directory, stdin and environment, which still has whatever signs requests to Keyward; signals reach it, and
its exit code is ours. Variables by which programs load code or find programs, such as NODE_OPTIONS, LD_PRELOAD and PATH, take no value.
--mask hides values of 8 and more characters in what the program writes to stdout and stderr: as they are, each line of them, in JSON
strings, percent-encoded and in base64. It hides nothing that is encoded otherwise, cut up, or written elsewhere, and the program sees
no terminal there. Without it the program has stdout and stderr as they are.`,
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
