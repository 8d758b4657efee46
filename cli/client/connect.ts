import type { OptionValues } from '../options';
import { connectionOf, type Environment } from './connection';
import { outboundAgent } from './outbound-agent';
import type { SignedClient } from './signed-client';
import type { Way } from './way';

/**
 * Finds out where calls go, how they get there, and with whose credentials.
 *
 * @throws CliError where the options or the environment are wrong
 */
async function findWay(options: OptionValues, env: Environment): Promise<Way> {
  const connection = connectionOf(options, env);
  const agent = await outboundAgent(connection, env);
  const { findCredentials } = await import('./find-credentials');
  return { connection, agent, found: await findCredentials({ profile: options.profile, connection, env, agent }) };
}

/**
 * A client for calls, as the options and the environment say.
 *
 * @param tell gets what was not followed of the environment
 * @throws CliError where they are wrong
 */
export async function connect(
  options: OptionValues,
  env: Environment,
  tell: (code: string, detail: string) => void,
): Promise<SignedClient> {
  const [{ SignedClient: Client }, way] = await Promise.all([import('./signed-client'), findWay(options, env)]);
  if (way.found.notice !== undefined) tell('local_credentials', way.found.notice);
  return new Client(way);
}
