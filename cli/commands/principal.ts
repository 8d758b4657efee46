import { LOCAL_ACCOUNT_ID } from '../../lambdas/core/contract/local-mode';
import { ANY_SESSION, ROLE_ARN_PATTERN } from '../../lambdas/core/contract/names';
import { usageError } from '../io/cli-error';

/** The characters that IAM allows in a user's name. */
const USER_NAME = /^[A-Za-z0-9+=,.@_-]{1,64}$/;

/**
 * The principal as in events: an ARN, or `keyward:` and a part of Keyward. A role's ARN stands for all of its sessions. With a local
 * server, whose users are all of one account, the user's name is enough; on AWS a name may belong to a user, role or session of any account.
 *
 * @throws CliError if the ARN is not complete
 */
export function principalOf(option: string, text: string, isLocal: boolean): string {
  const [, partition, account, role] = ROLE_ARN_PATTERN.exec(text) ?? [];
  if (role !== undefined) return `arn:${partition}:sts::${account}:assumed-role/${role}${ANY_SESSION}`;
  if (text.includes(':')) return text;
  if (isLocal && USER_NAME.test(text)) return `arn:aws:iam::${LOCAL_ACCOUNT_ID}:user/${text}`;
  throw usageError(
    `${option}: must be a complete ARN, as in events: of a user (arn:aws:iam::111122223333:user/NAME), a role (arn:aws:iam::111122223333:role/ROLE) or a session (arn:aws:sts::111122223333:assumed-role/ROLE/SESSION); or keyward: and a part of Keyward, such as keyward:sweep`,
  );
}
