import type { Agent } from 'node:http';
import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import type { ClientLimits } from '../../core/contract/client-limits';
import type { FailureLog } from '../../core/ports/failure-log';
import { repeatWithOtherKeys, toCredentialsProvider, type LeasedCredentials } from './leased-credentials';
import { nameFailures, type NamableClient } from './observability/name-failures';

/** Options of a client for one region's service. */
export interface BoundedClientOptions extends ClientLimits {
  readonly region: string;
  /** Left out: the region's public endpoint. */
  readonly endpoint?: string;
  /** Left out: the SDK's default chain, which on Lambda is the function's role. */
  readonly credentials?: NonNullable<DynamoDBClientConfig['credentials']>;
  /** In place of `credentials`: those that are replaced while the process runs. */
  readonly leased?: LeasedCredentials;
  /** Left out: the SDK's own. */
  readonly httpAgent?: Agent;
  readonly failures: FailureLog;
}

/** The options that all service clients have. */
type ClientConfig = Pick<DynamoDBClientConfig, 'region' | 'endpoint' | 'credentials' | 'maxAttempts'> & {
  readonly requestHandler: {
    readonly requestTimeout: number;
    readonly socketTimeout: number;
    readonly connectionTimeout: number;
    readonly throwOnRequestTimeout: boolean;
    readonly httpAgent?: Agent;
  };
};

/**
 * Makes an SDK client for one region with time limits and named failures. Three limits are needed (@smithy/node-http-handler
 * 4.14): `requestTimeout` until the response headers, but only with `throwOnRequestTimeout`, without which the handler logs a
 * warning and keeps waiting (set-request-timeout.js); `socketTimeout` for a response whose body stalls, which the first does not
 * cover (node-http-handler.js clears it with the headers).
 */
export function boundedClient<C extends NamableClient>(
  Client: new (config: ClientConfig) => C,
  options: BoundedClientOptions,
): C {
  const { region, endpoint, leased, httpAgent, requestTimeoutMs, connectionTimeoutMs, maxAttempts } = options;
  const credentials = leased === undefined ? options.credentials : toCredentialsProvider(leased);
  const client = new Client({
    region,
    ...(endpoint !== undefined && { endpoint }),
    ...(credentials !== undefined && { credentials }),
    maxAttempts,
    requestHandler: {
      requestTimeout: requestTimeoutMs,
      socketTimeout: requestTimeoutMs,
      connectionTimeout: connectionTimeoutMs,
      throwOnRequestTimeout: true,
      ...(httpAgent !== undefined && { httpAgent }),
    },
  });
  if (leased !== undefined) repeatWithOtherKeys(client, leased);
  return nameFailures(client, options.failures);
}
