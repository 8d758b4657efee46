import { Agent, type RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import type { Environment } from './connection';
import { CONNECT_LIMIT_MS, IDLE_MS } from './request-limits';
import { openTunnel } from './open-tunnel';
import { goesDirectly, proxySetting } from './proxy-settings';
import { trustedAuthorities } from './trusted-authorities';

/** Of the request for whom a connection is made: Node's agents do not hand on its signal. */
export interface TunnelOptions {
  readonly givenUpBy?: AbortSignal;
  /** How long the proxy may take; {@link CONNECT_LIMIT_MS}, unless given. */
  readonly tunnelLimitMs?: number;
}

type Done = (error: Error | null, socket: Duplex) => void;

/**
 * An agent that connects through the proxy that the environment names, where it names one and does not except the host, and
 * trusts the authorities that it names.
 *
 * On Node's own CONNECT: its agents know proxies by themselves only from 22.21 and 24.5 on (`proxyEnv`, Node's documentation of `http.Agent`);
 * https-proxy-agent 9.1.0 brings four packages and replays what the proxy refuses with as if the endpoint had answered (its `dist/index.js`,
 * for any status but 200), and undici 8 needs Node 22.19 and does not speak through `node:https`.
 *
 * @throws CliError where a variable is wrong, or a file cannot be used
 */
export function tunnelAgent(env: Environment): Agent {
  const proxy = proxySetting(env);
  const ca = trustedAuthorities(env);
  const agent = new Agent({ keepAlive: true, timeout: IDLE_MS, ...(ca !== undefined && { ca: [...ca] }) });
  if (proxy === undefined) return agent;
  const connectDirectly = agent.createConnection.bind(agent);
  const connectBy = (options: RequestOptions & TunnelOptions, done?: Done): Duplex | null | undefined => {
    const { host, port } = { host: options.host ?? '', port: Number(options.port ?? 443) };
    if (goesDirectly(host, port, env)) return connectDirectly(options, done);
    const { givenUpBy: signal, tunnelLimitMs: limitMs = CONNECT_LIMIT_MS } = options;
    openTunnel(proxy, { host, port, ca, limitMs, signal }).then(
      (socket) => {
        done?.(null, connectDirectly({ ...options, socket } as RequestOptions) as Duplex);
      },
      (thrown: unknown) => {
        (done as (error: unknown) => void)(thrown);
      },
    );
    return undefined;
  };
  return Object.assign(agent, { createConnection: connectBy });
}
