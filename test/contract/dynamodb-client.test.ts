import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { createDynamoDBClient, type DynamoDBClientOptions } from '../../lambdas/adapters/aws/dynamodb/dynamodb-client';
import { AMPLE } from '../ample-limits';
import { RecordingFailures } from '../doubles/recording-failures';

let server: Server | undefined;
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kwtest-'));
});

afterEach(async () => {
  await new Promise((resolve) => {
    if (server === undefined) resolve(undefined);
    else server.close(resolve).closeAllConnections();
  });
  server = undefined;
  await rm(directory, { recursive: true, force: true });
});

async function listen(listener: RequestListener, at: string | number): Promise<Server> {
  const listening = createServer({ keepAliveTimeout: 0 }, listener);
  server = listening;
  await new Promise<void>((resolve) => {
    if (typeof at === 'string') listening.listen(at, resolve);
    else listening.listen(at, '127.0.0.1', resolve);
  });
  return listening;
}

const list = async (options: Partial<DynamoDBClientOptions>): Promise<unknown> => {
  const client = createDynamoDBClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example-not-a-secret' },
    ...AMPLE,
    maxAttempts: 1,
    failures: new RecordingFailures(),
    ...options,
  });
  try {
    return (await client.send(new ListTablesCommand({}))).TableNames;
  } finally {
    client.destroy();
  }
};

const answer: RequestListener = (_request, response) => {
  response.setHeader('content-type', 'application/x-amz-json-1.0');
  response.end('{"TableNames":["a"]}');
};

it('reaches an endpoint, and signs for the region', async () => {
  let authorization: string | undefined;
  const listening = await listen((request, response) => {
    authorization = request.headers.authorization;
    answer(request, response);
  }, 0);
  const { port } = listening.address() as AddressInfo;
  await expect(list({ endpoint: `http://127.0.0.1:${port}` })).resolves.toStrictEqual(['a']);
  expect(authorization).toContain('/eu-west-1/dynamodb/aws4_request');
});

it('reaches a Unix domain socket', async () => {
  const socketPath = join(directory, 's');
  await listen(answer, socketPath);
  await expect(list({ socketPath })).resolves.toStrictEqual(['a']);
});

it.each<[string, RequestListener]>([
  ['does not answer', () => undefined],
  ['stops in the middle of its answer', (_request, response) => void response.writeHead(200).write('{"TableN')],
])('gives up on a server that %s', async (_name, listener) => {
  const socketPath = join(directory, 's');
  await listen(listener, socketPath);
  await expect(list({ socketPath, requestTimeoutMs: 300 })).rejects.toMatchObject({ name: 'TimeoutError' });
});

it('makes as many attempts as it may', async () => {
  const socketPath = join(directory, 's');
  let attempts = 0;
  await listen((_request, response) => {
    attempts += 1;
    response.writeHead(500).end();
  }, socketPath);
  await expect(list({ socketPath, maxAttempts: 3 })).rejects.toMatchObject({ $metadata: { attempts: 3 } });
  expect(attempts).toBe(3);
});

it('asks the region itself, with the credentials of the environment, where nothing else is said', async () => {
  const client = createDynamoDBClient({
    region: 'ap-south-1',
    requestTimeoutMs: 1,
    connectionTimeoutMs: 1,
    maxAttempts: 1,
    failures: new RecordingFailures(),
  });
  expect(client.config.isCustomEndpoint ?? false).toBe(false);
  await expect(client.config.region()).resolves.toBe('ap-south-1');
  client.destroy();
});
