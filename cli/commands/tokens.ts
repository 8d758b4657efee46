import { command } from '../command';
import type { ValuesOf } from '../options';
import { readPairs } from '../option-values';
import { OF_PROVIDER, providerPath } from './of-provider';
import { TRIM } from './trim';

const CONTEXT = {
  context: {
    type: 'string',
    multiple: true,
    shown: '--context NAME=VALUE',
    help: 'encryption context, repeatable; decrypt needs the same pairs',
    otherwise: 'none',
  },
} as const;

const contextOf = ({ context }: ValuesOf<typeof CONTEXT>): Record<string, unknown> =>
  context === undefined ? {} : { context: readPairs('--context', context) };

const onToken = (verb: string) => (parameters: readonly string[], options: ValuesOf<typeof CONTEXT>) =>
  ({ method: 'POST', path: `${providerPath(parameters)}/${verb}`, body: contextOf(options) }) as const;

/** Commands about texts and tokens that the caller keeps. */
export const TOKEN_COMMANDS = [
  command({
    words: ['encrypt'],
    summary: 'encrypt the text on stdin; prints a token to keep',
    ...OF_PROVIDER,
    options: { ...CONTEXT, ...TRIM },
    secret: 'plaintext',
    call: onToken('encrypt'),
    shown: () => ({ kind: 'line', member: 'ciphertext' }),
  }),
  command({
    words: ['decrypt'],
    summary: 'decrypt the token on stdin; prints the text',
    ...OF_PROVIDER,
    options: CONTEXT,
    secret: 'ciphertext',
    call: onToken('decrypt'),
    shown: () => ({ kind: 'secret', member: 'plaintext' }),
  }),
  command({
    words: ['rewrap'],
    summary: 'move the token on stdin to the newest key; prints the new token',
    ...OF_PROVIDER,
    options: CONTEXT,
    secret: 'ciphertext',
    call: onToken('rewrap'),
    shown: () => ({ kind: 'line', member: 'ciphertext' }),
  }),
];
