import { Agent, type AgentOptions } from 'node:http';
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import type { FailureLog } from '../../../core/ports/failure-log';
import { nameFailures } from '../observability/name-failures';

/** How one region's DynamoDB is reached. Times are in milliseconds, each for one attempt. */
export interface DynamoDBClientOptions {
  readonly region: string;
  /** Left out: the region's public endpoint. */
  readonly endpoint?: string;
  /** A Unix domain socket in place of an endpoint. */
  readonly socketPath?: string;
  /** Left out: the SDK's default chain, which on Lambda is the function's role. */
  readonly credentials?: NonNullable<DynamoDBClientConfig['credentials']>;
  readonly requestTimeoutMs: number;
  readonly connectionTimeoutMs: number;
  /** Attempts in all, the first included. */
  readonly maxAttempts: number;
  readonly failures: FailureLog;
}

/** Node passes the agent's options on to `net.connect`, which takes a `socketPath` as `path`. */
type SocketAgentOptions = AgentOptions & { socketPath: string };

/** The SDK's own default. */
const MAX_SOCKETS = 50;

/**
 * A client for one region that gives up in time. Three limits are needed for that (@smithy/node-http-handler 4.14):
 * `requestTimeout` until the answer's headers are there, but only with `throwOnRequestTimeout`, without which the
 * handler logs a warning and goes on waiting (set-request-timeout.js); `socketTimeout` for an answer whose body stalls,
 * which the first no longer watches (node-http-handler.js clears it with the headers).
 */
export function createDynamoDBClient(options: DynamoDBClientOptions): DynamoDBClient {
  const { region, endpoint, socketPath, credentials, requestTimeoutMs, connectionTimeoutMs, maxAttempts, failures } =
    options;
  const url = socketPath === undefined ? endpoint : 'http://localhost';
  const client = new DynamoDBClient({
    region,
    ...(url !== undefined && { endpoint: url }),
    ...(credentials !== undefined && { credentials }),
    maxAttempts,
    requestHandler: {
      requestTimeout: requestTimeoutMs,
      socketTimeout: requestTimeoutMs,
      connectionTimeout: connectionTimeoutMs,
      throwOnRequestTimeout: true,
      ...(socketPath !== undefined && { httpAgent: socketAgent(socketPath) }),
    },
  });
  client.middlewareStack.remove('loggerMiddleware');
  return nameFailures(client, failures);
}

function socketAgent(socketPath: string): Agent {
  const options: SocketAgentOptions = { keepAlive: true, maxSockets: MAX_SOCKETS, socketPath };
  return new Agent(options);
}
