import type { Agent } from 'node:https';
import { PROXY_VARIABLES, type Connection, type Environment } from './connection';

/** The agent for connections with TLS. */
export type OutboundAgent = Agent;

/** Variables about proxies and certificate authorities. */
const VARIABLES = [...PROXY_VARIABLES, 'AWS_CA_BUNDLE'] as const;

/**
 * The agent for requests to a deployment, and to AWS for credentials: with the proxy and the authorities that the environment names.
 * Undefined for a local server, which no proxy can reach. Loaded only if there is such a variable, because a command must start quickly.
 *
 * @throws CliError if a variable is wrong, or a file cannot be used
 */
export async function outboundAgent({ isLocal }: Connection, env: Environment): Promise<OutboundAgent | undefined> {
  if (isLocal || !VARIABLES.some((name) => Boolean(env[name]))) return undefined;
  const { tunnelAgent } = await import('./tunnel-agent');
  return tunnelAgent(env);
}
