import { command } from '../command';
import { IF_MATCH, OF_CREDENTIAL } from './of-credential';
import { YES } from './yes';

/** What is done with the value that a credential had before, and with what stands beside a key. */
export const PREVIOUS_VALUE_COMMANDS = [
  command({
    words: ['credential', 'previous'],
    summary: 'describe the key that was replaced or deleted last, without the key',
    ...OF_CREDENTIAL,
    options: {},
    work: async () => (await import('./describe-previous')).describePrevious,
  }),
  command({
    words: ['credential', 'restore'],
    summary: 'bring back the key that was replaced or deleted last',
    details:
      'What stood beside it comes back, too. The key that is stored now is kept in its place, so that the same command brings it back; after a deletion there is none. On a terminal it shows what comes back and asks, unless --revision says which one is meant; from a pipe it asks nothing.',
    ...OF_CREDENTIAL,
    options: {
      revision: {
        type: 'string',
        shown: '--revision N',
        help: 'only the key that had this revision; another one is refused',
        otherwise: 'the one that is kept',
      },
      ...IF_MATCH,
      yes: { ...YES.yes, help: 'do not ask before it is brought back' },
    },
    work: async () => (await import('./restore-credential')).restoreCredential,
  }),
  command({
    words: ['credential', 'purge'],
    summary: 'end the key that was replaced or deleted last, for good',
    details: 'It cannot be brought back. The key that is stored now stays as it is.',
    ...OF_CREDENTIAL,
    options: { ...IF_MATCH, ...YES },
    work: async () => (await import('./purge-previous')).purgePrevious,
  }),
  command({
    words: ['credential', 'metadata', 'set'],
    summary: 'change what stands beside a stored key, without the key',
    details:
      'NAME=TEXT is always text, and NAME= an empty one; NAME:=JSON is a number, true, a list or an object, which is merged with the one that is there. What is not named stays. What looks like an API key is asked about: metadata is readable.',
    ...OF_CREDENTIAL,
    rest: 'member',
    options: {
      unset: {
        type: 'string',
        multiple: true,
        shown: '--unset NAME',
        help: 'take a member away, again for each one',
        otherwise: 'none',
      },
      'json-file': {
        type: 'string',
        shown: '--json-file FILE',
        help: 'a JSON merge patch (RFC 7396) in place of members; - for stdin',
        otherwise: 'members and --unset',
      },
      ...IF_MATCH,
      yes: { ...YES.yes, help: 'do not ask about what looks like a key; where nobody can be asked it is needed' },
    },
    work: async () => (await import('./set-metadata')).setMetadata,
  }),
];
