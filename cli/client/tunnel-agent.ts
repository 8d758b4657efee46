import { Agent, type RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import type { Environment } from './connection';
import { CONNECT_LIMIT_MS, IDLE_MS } from './request-limits';
import { openTunnel } from './open-tunnel';
import { goesDirectly, proxySetting } from './proxy-settings';
import { trustedAuthorities } from './trusted-authorities';

/** The request that a connection is made for: Node's agents do not pass on its signal. */
export interface TunnelOptions {
  readonly givenUpBy?: AbortSignal;
  /** Time limit for the proxy; default: {@link CONNECT_LIMIT_MS}. */
  readonly tunnelLimitMs?: number;
}

type Done = (error: Error | null, socket: Duplex) => void;

/**
 * An agent that connects through the proxy of the environment, unless there is none or the host is excepted, and
 * trusts the authorities of the environment.
 *
 * It uses Node's own CONNECT: Node's agents support proxies only from 22.21 and 24.5 on (`proxyEnv`, Node's documentation of `http.Agent`);
 * https-proxy-agent 9.1.0 brings four packages and passes a proxy's refusal on as if it were the endpoint's answer (its `dist/index.js`,
 * for any status but 200), and undici 8 needs Node 22.19 and does not speak through `node:https`.
 *
 * @throws CliError if a variable is wrong, or a file cannot be used
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
