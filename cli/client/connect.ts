import type { OptionValues } from '../options';
import { connectionOf, type Environment } from './connection';
import { outboundAgent } from './outbound-agent';
import type { SignedClient } from './signed-client';
import type { Way } from './way';

/**
 * Finds the endpoint, the proxy and the credentials.
 *
 * @throws CliError if the options or the environment are wrong
 */
export async function findWay(options: OptionValues, env: Environment): Promise<Way> {
  const connection = connectionOf(options, env);
  const agent = await outboundAgent(connection, env);
  const { findCredentials } = await import('./find-credentials');
  return { connection, agent, found: await findCredentials({ profile: options.profile, connection, env, agent }) };
}

/**
 * Makes a client by the options and the environment.
 *
 * @param tell gets the settings of the environment that were not used
 * @throws CliError if they are wrong
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
