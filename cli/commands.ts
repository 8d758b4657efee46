import type { Command, ProgramCommand } from './command';
import { AUDIT_COMMANDS } from './commands/audit';
import { CREDENTIAL_COMMANDS } from './commands/credentials';
import { DOCTOR_COMMANDS } from './commands/doctor';
import { EVIDENCE_COMMANDS } from './commands/evidence';
import { KEY_COMMANDS } from './commands/keys';
import { KEK_COMMANDS } from './commands/kek-commands';
import { LOG_COMMANDS } from './commands/log-commands';
import { POLICY_COMMANDS } from './commands/policies';
import { PREVIOUS_VALUE_COMMANDS } from './commands/previous-values';
import { DEK_ROTATION_COMMANDS } from './commands/dek-rotation-commands';
import { RUN_COMMANDS } from './commands/run';
import { TOKEN_COMMANDS } from './commands/tokens';
import { VERSION_COMMANDS } from './commands/versions';

/** Every command that calls the service, in the order of help. */
export const COMMANDS: readonly Command[] = [
  ...TOKEN_COMMANDS,
  ...CREDENTIAL_COMMANDS,
  ...PREVIOUS_VALUE_COMMANDS,
  ...RUN_COMMANDS,
  ...KEY_COMMANDS,
  ...DEK_ROTATION_COMMANDS,
  ...KEK_COMMANDS,
  ...POLICY_COMMANDS,
  ...VERSION_COMMANDS,
  ...AUDIT_COMMANDS,
  ...LOG_COMMANDS,
  ...EVIDENCE_COMMANDS,
  ...DOCTOR_COMMANDS,
];

/** Commands about the program itself; they come last in help. */
export const PROGRAM_COMMANDS: readonly ProgramCommand[] = [
  {
    words: ['completion'],
    summary: 'print the completion script for a shell',
    details: `It makes no calls: it completes the default providers, and no stored names. For the
current shell: eval "$(keyward completion bash)", the same with zsh after compinit, or keyward completion fish | source. README.md
says how to set it up for each new shell.`,
    parameters: ['shell'],
    required: 1,
    options: {},
    prints: 'completion',
  },
  {
    words: ['help'],
    summary: 'show this help, or that of a command or of a group such as credential',
    parameters: ['command'],
    required: 0,
    options: {},
    prints: 'help',
  },
];
