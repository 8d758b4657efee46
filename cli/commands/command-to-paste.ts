import type { OptionValues } from '../options';
import { shellWord } from '../io/shell-word';

/** A command line to paste: the words, and where calls go and as whom, as far as that was said by options. */
export const commandToPaste = (words: readonly string[], { endpoint, profile, region }: OptionValues): string =>
  [
    'keyward',
    ...words,
    ...(endpoint === undefined ? [] : [`--endpoint=${endpoint}`]),
    ...(profile === undefined ? [] : [`--profile=${profile}`]),
    ...(region === undefined ? [] : [`--region=${region}`]),
  ]
    .map(shellWord)
    .join(' ');

/** What brings the previous value of a credential back: the one of a revision, or whichever there is. */
export const restoreCommand = (
  [provider = '', name = '']: readonly string[],
  options: OptionValues,
  revision?: number,
): string =>
  commandToPaste(
    ['credential', 'restore', provider, name, ...(revision === undefined ? [] : ['--revision', String(revision)])],
    options,
  );
