import { LOCAL_ENVIRONMENT } from '../../lambdas/core/contract/environment';
import { DEFAULT_LOCAL_PORT, LOCAL_HOST, LOCAL_REGION } from '../../lambdas/core/contract/local-mode';
import { usageError } from '../io/cli-error';
import type { OptionValues } from '../options';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where requests go. */
export interface Connection {
  /** May have a path, such as an API Gateway stage. */
  readonly endpoint: URL;
  readonly region: string;
  /**
   * Whether it is a local server, the only one that is called over plain http. A TLS endpoint is a deployment, also behind a tunnel
   * to this machine.
   */
  readonly isLocal: boolean;
}

/** Variables that name the proxy for TLS. The first that is set counts; lower case comes first, as in curl ("Environment", curl's manual). */
export const PROXY_VARIABLES = ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'] as const;

const DEFAULT_ENDPOINT = `http://${LOCAL_HOST}:${DEFAULT_LOCAL_PORT}`;
const LOOPBACK = /^(localhost|127(\.[0-9]{1,3}){3}|\[::1\])$/;

/** @param hostname as in a URL */
export const isLoopback = (hostname: string): boolean => LOOPBACK.test(hostname);

/**
 * The endpoint and region: from the options, else from the environment, else those of local mode.
 *
 * @throws CliError if the endpoint is not a plain URL, or would send secrets unencrypted over a network
 */
export function connectionOf(options: OptionValues, env: Environment): Connection {
  const endpoint = parseEndpoint(options.endpoint ?? env[LOCAL_ENVIRONMENT.endpoint] ?? '');
  const isLocal = endpoint.protocol === 'http:';
  if (isLocal && !isLoopback(endpoint.hostname)) {
    throw usageError('the endpoint must be https: plain http is for this machine alone');
  }
  // Local mode has one region, whatever the developer's environment says.
  const fromEnvironment = isLocal ? '' : env['AWS_REGION'] || env['AWS_DEFAULT_REGION'];
  const region = options.region ?? (fromEnvironment || LOCAL_REGION);
  if (!/^[a-z0-9-]{1,64}$/.test(region)) {
    throw usageError('the region must be 1 to 64 of a-z, 0-9 and -, such as us-east-1');
  }
  return { endpoint, region, isLocal };
}

function parseEndpoint(text: string): URL {
  const given = text === '' ? DEFAULT_ENDPOINT : text;
  const url = URL.canParse(given) ? new URL(given) : null;
  const isPlain = url !== null && url.username + url.password + url.search + url.hash === '';
  if (!isPlain || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw usageError(
      `the endpoint must be a URL such as https://keyward.example.com, or ${DEFAULT_ENDPOINT} for a local server, without user, query or fragment`,
    );
  }
  return url;
}
