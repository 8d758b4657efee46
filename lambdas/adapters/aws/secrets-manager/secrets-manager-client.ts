import { SecretsManagerClient, type SecretsManagerClientConfig } from '@aws-sdk/client-secrets-manager';
import type { FailureLog } from '../../../core/ports/failure-log';
import { nameFailures } from '../observability/name-failures';

/** How one region's Secrets Manager is reached. Times are in milliseconds, each for one attempt. */
export interface SecretsManagerClientOptions {
  readonly region: string;
  /** Left out: the region's public endpoint. */
  readonly endpoint?: string;
  /** Left out: the SDK's default chain, which on Lambda is the function's role. */
  readonly credentials?: NonNullable<SecretsManagerClientConfig['credentials']>;
  readonly requestTimeoutMs: number;
  readonly connectionTimeoutMs: number;
  /** Attempts in all, the first included. */
  readonly maxAttempts: number;
  readonly failures: FailureLog;
}

/**
 * A client for one region that gives up in time. `throwOnRequestTimeout` is what makes it: without it the SDK's HTTP
 * handler logs a warning when the request timeout passes, and goes on waiting (@smithy/node-http-handler,
 * set-request-timeout). It watches until the headers are there; `socketTimeout` ends an answer whose body stalls.
 */
export function createSecretsManagerClient(options: SecretsManagerClientOptions): SecretsManagerClient {
  const { region, endpoint, credentials, requestTimeoutMs, connectionTimeoutMs, maxAttempts, failures } = options;
  const client = new SecretsManagerClient({
    region,
    ...(endpoint !== undefined && { endpoint }),
    ...(credentials !== undefined && { credentials }),
    maxAttempts,
    requestHandler: {
      requestTimeout: requestTimeoutMs,
      socketTimeout: requestTimeoutMs,
      connectionTimeout: connectionTimeoutMs,
      throwOnRequestTimeout: true,
    },
  });
  return nameFailures(client, failures);
}
