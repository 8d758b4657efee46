import type { Shell } from '../parameters';
import { bashCompletion } from './bash-completion';
import { fishCompletion } from './fish-completion';
import { zshCompletion } from './zsh-completion';

const SCRIPTS: Readonly<Record<Shell, () => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** The completion script of a shell. */
export const completionScript = (shell: Shell): string => SCRIPTS[shell]();
