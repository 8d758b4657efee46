import type { OptionValues } from '../options';
import { shellWord } from '../io/shell-word';

/** A command line to paste, with the given options about endpoint and credentials. */
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

/** The command that restores the previous value of a credential: that of a revision, or the kept one. */
export const restoreCommand = (
  [provider = '', name = '']: readonly string[],
  options: OptionValues,
  revision?: number,
): string =>
  commandToPaste(
    ['credential', 'restore', provider, name, ...(revision === undefined ? [] : ['--revision', String(revision)])],
    options,
  );
