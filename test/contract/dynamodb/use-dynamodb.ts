import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { LostWrite } from '../../doubles/stores/lost-write';
import type { StoreFaults } from '../store-under-test';
import { openDynamoDBEndpoint, type DynamoDBEndpoint } from './dynamodb-endpoint';
import { dropRequest, unavailable, type Fault, type FaultyProxy } from './faulty-proxy';

/** The endpoint of a test file, and the client through its proxy that all its statements use. */
export type UsedDynamoDB = DynamoDBEndpoint & { readonly client: DynamoDBClient };

/** Opens a DynamoDB for the tests of a file; each begins without faults. */
export function useDynamoDB(): () => UsedDynamoDB {
  let used: UsedDynamoDB;
  beforeAll(async () => {
    const endpoint = await openDynamoDBEndpoint();
    used = { ...endpoint, client: endpoint.newClient() };
  });
  afterAll(() => used.close());
  beforeEach(() => {
    used.proxy.reset();
  });
  return () => used;
}

const READS = ['GetItem', 'Query', 'Scan'];
const WRITES = ['PutItem', 'BatchWriteItem', 'BatchExecuteStatement'];

const fate =
  ({ arrives, meanwhile }: LostWrite): Fault =>
  async ({ forward }) => {
    if (arrives) await forward();
    await meanwhile?.();
    return 'drop';
  };

/** The faults that a contract asks for, injected by the proxy. */
export const faultsOf = (proxy: FaultyProxy): StoreFaults => ({
  loseWrites: (...lost) => {
    proxy.next('PutItem', ...lost.map(fate));
  },
  readsFail: () => {
    for (const operation of READS) proxy.every(operation, unavailable);
  },
  writesFail: () => {
    for (const operation of WRITES) proxy.every(operation, dropRequest);
  },
});
