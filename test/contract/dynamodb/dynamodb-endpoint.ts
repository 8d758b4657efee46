import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { TableNames } from '../../../lambdas/core/contract/tables';
import {
  createDynamoDBClient,
  type DynamoDBClientOptions,
} from '../../../lambdas/adapters/aws/dynamodb/dynamodb-client';
import { createMissingTables } from '../../../local/database/create-missing-tables';
import { startEmbeddedDynamoDB } from '../../../local/database/embedded-dynamodb';
import { AMPLE } from '../../ample-limits';
import { RecordingFailures } from '../../doubles/recording-failures';
import { randomName } from '../random-name';
import { FaultyProxy } from './faulty-proxy';

/** A DynamoDB with fresh tables, reached directly or through a proxy that drops answers. */
export interface DynamoDBEndpoint {
  readonly tables: TableNames;
  readonly direct: DynamoDBClient;
  readonly proxy: FaultyProxy;
  /** A client through the proxy. */
  newClient(options?: { maxAttempts?: number; requestTimeoutMs?: number }): DynamoDBClient;
  close(): Promise<void>;
}

/** Only a test that waits for a timeout sets its own timeout. */
const LIMITS = {
  ...AMPLE,
  maxAttempts: 1,
  failures: new RecordingFailures(),
};

/** The embedded DynamoDB in memory, or the one that KEYWARD_TEST_DYNAMODB_ENDPOINT names. */
export async function openDynamoDBEndpoint(): Promise<DynamoDBEndpoint> {
  const prefix = randomName('keyward');
  const tables = {
    keysets: `${prefix}-keysets`,
    credentials: `${prefix}-credentials`,
    audit: `${prefix}-audit`,
    rotations: `${prefix}-rotations`,
  };
  const endpoint = process.env['KEYWARD_TEST_DYNAMODB_ENDPOINT'];
  const server = endpoint === undefined ? await embedded(tables) : remote(endpoint);
  const clients: DynamoDBClient[] = [];
  const newClient = (options: DynamoDBClientOptions): DynamoDBClient => {
    const client = createDynamoDBClient(options);
    clients.push(client);
    return client;
  };
  const { region, credentials } = server.connection;
  const direct = newClient({ ...LIMITS, ...server.connection });
  await createMissingTables(direct, tables);
  const proxy = await FaultyProxy.start(server.upstream, server.hasPartiQL);
  return {
    tables,
    direct,
    proxy,
    newClient: (options) => newClient({ ...LIMITS, region, credentials, socketPath: proxy.socketPath, ...options }),
    close: async () => {
      for (const client of clients) client.destroy();
      await proxy.close();
      await server.close();
    },
  };
}

async function embedded(tables: TableNames) {
  const started = await startEmbeddedDynamoDB({ tables });
  const { connection } = started;
  return {
    connection,
    upstream: { socketPath: connection.socketPath },
    hasPartiQL: false,
    close: () => started.close(),
  };
}

function remote(endpoint: string) {
  const { hostname, port } = new URL(endpoint);
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example-not-a-secret' };
  return {
    connection: { region: 'us-east-1', endpoint, credentials },
    upstream: { hostname, port },
    hasPartiQL: true,
    close: () => Promise.resolve(),
  };
}
