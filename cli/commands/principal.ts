import { LOCAL_ACCOUNT_ID } from '../../lambdas/core/contract/local-mode';
import { usageError } from '../io/cli-error';

/** What IAM allows in a user's name. */
const USER_NAME = /^[A-Za-z0-9+=,.@_-]{1,64}$/;

/**
 * The principal as events name it: an ARN, or `keyward:` and a part of Keyward. Beside a local server, where all are users of one
 * account, the user's name does; in AWS a name may be a user's, a role's or a session's, of any account.
 *
 * @throws CliError where it has to be given in full
 */
export function principalOf(option: string, text: string, isLocal: boolean): string {
  if (text.includes(':')) return text;
  if (isLocal && USER_NAME.test(text)) return `arn:aws:iam::${LOCAL_ACCOUNT_ID}:user/${text}`;
  throw usageError(
    `${option}: must be the whole ARN, as events show it: of a user such as arn:aws:iam::111122223333:user/NAME, of a role with its session such as arn:aws:sts::111122223333:assumed-role/ROLE/SESSION; or keyward: and a part of Keyward, such as keyward:sweep`,
  );
}
