import { command } from '../command';
import { IF_MATCH, OF_CREDENTIAL } from './of-credential';
import { YES } from './yes';

/** Commands about a credential's previous value and its metadata. */
export const PREVIOUS_VALUE_COMMANDS = [
  command({
    words: ['credential', 'previous'],
    summary: 'describe the key that was replaced or deleted last; does not print it',
    ...OF_CREDENTIAL,
    options: {},
    work: async () => (await import('./describe-previous')).describePrevious,
  }),
  command({
    words: ['credential', 'restore'],
    summary: 'restore the key that was replaced or deleted last',
    details:
      'Its metadata is restored, too. The current key becomes the previous one, so the same command undoes the restoration; after a deletion there is no current key. On a terminal the command shows the previous key and asks, unless --revision names it; from a pipe it does not ask.',
    ...OF_CREDENTIAL,
    options: {
      revision: {
        type: 'string',
        shown: '--revision N',
        help: 'only if the previous value has this revision',
        otherwise: 'the one that is kept',
      },
      ...IF_MATCH,
      yes: { ...YES.yes, help: 'do not ask before the key is restored' },
    },
    work: async () => (await import('./restore-credential')).restoreCredential,
  }),
  command({
    words: ['credential', 'purge'],
    summary: 'purge the key that was replaced or deleted last, so that it cannot be restored',
    details: 'The current key stays.',
    ...OF_CREDENTIAL,
    options: { ...IF_MATCH, ...YES },
    work: async () => (await import('./purge-previous')).purgePrevious,
  }),
  command({
    words: ['credential', 'metadata', 'set'],
    summary: 'change the metadata of a stored key; the key stays',
    details:
      'NAME=TEXT sets a text, NAME= an empty one; NAME:=JSON sets a number, true, a list or an object, which is merged with the existing one. Other members stay. The command asks about a value that looks like an API key, because metadata is readable.',
    ...OF_CREDENTIAL,
    rest: 'member',
    options: {
      unset: {
        type: 'string',
        multiple: true,
        shown: '--unset NAME',
        help: 'remove this member; repeatable',
        otherwise: 'none',
      },
      'json-file': {
        type: 'string',
        shown: '--json-file FILE',
        help: 'a JSON merge patch (RFC 7396) in place of members; - for stdin',
        otherwise: 'members and --unset',
      },
      ...IF_MATCH,
      yes: { ...YES.yes, help: 'do not ask about text that looks like a key; required where there is no terminal' },
    },
    work: async () => (await import('./set-metadata')).setMetadata,
  }),
];
