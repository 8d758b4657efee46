/** The advice after a key was typed as an argument. */
export const IN_HISTORY = 'the history of your shell has it now: remove it there, and replace the key';
