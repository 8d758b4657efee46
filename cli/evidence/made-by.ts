import { LOCAL_ACCOUNT_ID } from '../../lambdas/core/contract/local-mode';
import { findWay } from '../client/connect';
import { callerIdentity } from '../doctor/caller-identity';
import { localUser } from '../doctor/local-user';
import type { OptionValues } from '../options';
import type { Session } from '../session';

/**
 * The principal that makes a pack: in local mode by the server's file, otherwise by AWS. A text that says so where it cannot be told.
 *
 * @throws CliError if the options or the environment are wrong
 */
export async function madeBy(options: OptionValues, { parts: { env, signal, waiting } }: Session): Promise<string> {
  const way = await findWay(options, env);
  if (way.connection.isLocal) {
    const user = await localUser(way.found.credentials.accessKeyId, env);
    return user === undefined
      ? 'not known: principals.json could not be read'
      : `arn:aws:iam::${LOCAL_ACCOUNT_ID}:user/${user}`;
  }
  const identity = await callerIdentity(way, { env, signal, clock: () => waiting.wallClock() });
  return identity.kind === 'known' ? identity.arn : `not known: ${identity.why}`;
}
