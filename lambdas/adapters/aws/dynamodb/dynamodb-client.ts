import { Agent, type AgentOptions } from 'node:http';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { boundedClient, type BoundedClientOptions } from '../bounded-client';

/** Options of a client for one region's DynamoDB. */
export interface DynamoDBClientOptions extends Omit<BoundedClientOptions, 'httpAgent'> {
  /** A Unix domain socket in place of an endpoint. */
  readonly socketPath?: string;
}

/** Node passes the agent's options on to `net.connect`, which takes a `socketPath` as `path`. */
type SocketAgentOptions = AgentOptions & { socketPath: string };

/** The SDK's default. */
const MAX_SOCKETS = 50;

/** Makes a client for one region with time limits. */
export function createDynamoDBClient({ socketPath, ...options }: DynamoDBClientOptions): DynamoDBClient {
  const socket = socketPath === undefined ? {} : { endpoint: 'http://localhost', httpAgent: socketAgent(socketPath) };
  const client = boundedClient(DynamoDBClient, { ...options, ...socket });
  client.middlewareStack.remove('loggerMiddleware');
  return client;
}

function socketAgent(socketPath: string): Agent {
  const options: SocketAgentOptions = { keepAlive: true, maxSockets: MAX_SOCKETS, socketPath };
  return new Agent(options);
}
