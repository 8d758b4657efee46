import type { Agent } from 'node:https';
import { PROXY_VARIABLES, type Connection, type Environment } from './connection';

/** What connects to whatever speaks TLS. */
export type OutboundAgent = Agent;

/** Variables that say how to get out of this network. */
const VARIABLES = [...PROXY_VARIABLES, 'AWS_CA_BUNDLE'] as const;

/**
 * What requests to a deployment, and to AWS for credentials, go through: the proxy that the environment names, with the
 * authorities that it names. Nothing for a local server, which no proxy can reach. Loaded only where there is such a variable: a
 * command has to start at once.
 *
 * @throws CliError where a variable is wrong, or a file cannot be used
 */
export async function outboundAgent({ isLocal }: Connection, env: Environment): Promise<OutboundAgent | undefined> {
  if (isLocal || !VARIABLES.some((name) => Boolean(env[name]))) return undefined;
  const { tunnelAgent } = await import('./tunnel-agent');
  return tunnelAgent(env);
}
