import type { Command } from './command';
import { AUDIT_COMMANDS } from './commands/audit';
import { CREDENTIAL_COMMANDS } from './commands/credentials';
import { KEY_COMMANDS } from './commands/keys';
import { POLICY_COMMANDS } from './commands/policies';
import { ROTATION_COMMANDS } from './commands/rotations';
import { TOKEN_COMMANDS } from './commands/tokens';
import { VERSION_COMMANDS } from './commands/versions';

/** Every command, in the order of `--help`. */
export const COMMANDS: readonly Command[] = [
  ...TOKEN_COMMANDS,
  ...CREDENTIAL_COMMANDS,
  ...KEY_COMMANDS,
  ...ROTATION_COMMANDS,
  ...POLICY_COMMANDS,
  ...VERSION_COMMANDS,
  ...AUDIT_COMMANDS,
];
