import { LOCAL_ACCOUNT_ID } from '../../lambdas/core/contract/local-mode';
import { ANY_SESSION, ROLE_ARN_PATTERN } from '../../lambdas/core/contract/names';
import { usageError } from '../io/cli-error';

/** What IAM allows in a user's name. */
const USER_NAME = /^[A-Za-z0-9+=,.@_-]{1,64}$/;

/**
 * The principal as events name it: an ARN, or `keyward:` and a part of Keyward. Beside a local server, where all are users of one
 * account, the user's name does; a role stands for all of its sessions, as which its callers are named. In AWS a name may be a user's, a role's or a session's, of any account.
 *
 * @throws CliError where it has to be given in full
 */
export function principalOf(option: string, text: string, isLocal: boolean): string {
  const [, partition, account, role] = ROLE_ARN_PATTERN.exec(text) ?? [];
  if (role !== undefined) return `arn:${partition}:sts::${account}:assumed-role/${role}${ANY_SESSION}`;
  if (text.includes(':')) return text;
  if (isLocal && USER_NAME.test(text)) return `arn:aws:iam::${LOCAL_ACCOUNT_ID}:user/${text}`;
  throw usageError(
    `${option}: must be the whole ARN, as events show it: of a user such as arn:aws:iam::111122223333:user/NAME, of a role such as arn:aws:iam::111122223333:role/ROLE, of one session of it such as arn:aws:sts::111122223333:assumed-role/ROLE/SESSION; or keyward: and a part of Keyward, such as keyward:sweep`,
  );
}
