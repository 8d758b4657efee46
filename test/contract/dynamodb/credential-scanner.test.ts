import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBCredentialScanner } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-credential-scanner';
import { DynamoDBCredentialStore } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-credential-store';
import { credentialShard } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-tables';
import { shardOf } from '../../doubles/memory-rotation-ports';
import { keeps } from '../contract';
import { credentialScannerContract, namesIn } from '../credential-scanner.contract';
import { randomName } from '../random-name';
import { credential, tombstone } from '../stored-credentials';
import { pass, unavailable } from './faulty-proxy';
import { faultsOf, useDynamoDB } from './use-dynamodb';
import { watchCalls } from './watch-calls';

const endpoint = useDynamoDB();
const table = (): string => endpoint().tables.credentials;
const newScanner = (): DynamoDBCredentialScanner =>
  new DynamoDBCredentialScanner({ client: endpoint().client, table: table() });
const newStore = (): DynamoDBCredentialStore =>
  new DynamoDBCredentialStore({ client: endpoint().direct, table: table() });

keeps('DynamoDBCredentialScanner', credentialScannerContract, () => ({
  port: newScanner(),
  store: newStore(),
  shardOf,
  faults: faultsOf(endpoint().proxy),
}));

describe('beyond the contract', () => {
  let provider: string;
  beforeEach(() => {
    provider = randomName('p');
  });

  it('shows a page of deleted ones alone as an empty one with more behind it', async () => {
    const names = namesIn({ shardOf }, 3, 12);
    const store = newStore();
    for (const name of names) await store.put(credential(provider, name), 0);
    for (const name of names.slice(1, 11)) await store.put(tombstone(provider, name, 2), 1);
    const page = await newScanner().page(provider, 3, { after: names[2]!, limit: 3 });
    expect(page).toStrictEqual({ credentials: [], next: names[5]! });
  });

  it('asks once for a page, reads the table consistently, and looks for work in the index alone', async () => {
    const queries = watchCalls(endpoint().proxy, 'Query', provider);
    const scanner = newScanner();
    await scanner.page(provider, 0, { limit: 25 });
    await scanner.countByVersion(provider, 0);
    expect(queries).toMatchObject([
      { ConsistentRead: true, Limit: 25 },
      { ConsistentRead: true, ProjectionExpression: 'key_version' },
    ]);
    await scanner.shardsWith(provider, 1, 2);
    expect(queries).toHaveLength(18);
    for (const query of queries.slice(2)) expect(query).toMatchObject({ IndexName: 'by-key-version', Limit: 1 });
  });

  it('counts on where DynamoDB, or the limit that it was given, cuts a read short', async () => {
    // More than one read holds, which is 1 MB.
    const names = namesIn({ shardOf }, 6, 150);
    const metadata = { padding: 'x'.repeat(8_000) };
    const store = newStore();
    await Promise.all(names.map((name) => store.put(credential(provider, name, { metadata }), 0)));
    const queries = watchCalls(endpoint().proxy, 'Query', provider);
    await expect(newScanner().countByVersion(provider, 6)).resolves.toStrictEqual(new Map([[1, 150]]));
    expect(queries).toHaveLength(2);
    const limited = new DynamoDBCredentialScanner({ client: endpoint().client, table: table(), countLimit: 60 });
    const smaller = watchCalls(endpoint().proxy, 'Query', provider);
    await expect(limited.countByVersion(provider, 6)).resolves.toStrictEqual(new Map([[1, 150]]));
    expect(smaller.map((query) => query['Limit'])).toStrictEqual([60, 60, 60]);
    watchCalls(endpoint().proxy, 'Query', provider, pass, unavailable);
    await expect(newScanner().countByVersion(provider, 6)).rejects.toMatchObject({ code: 'store_unavailable' });
    const page = await newScanner().page(provider, 6, { limit: 150 });
    expect(page.credentials.length).toBeLessThan(150);
    expect(page.next).toBe(page.credentials.at(-1)?.name);
  });

  it('counts a credential whose version somebody took out of the table as under none', async () => {
    const [kept, damaged] = namesIn({ shardOf }, 4, 2);
    await newStore().put(credential(provider, kept!), 0);
    await newStore().put(credential(provider, damaged!), 0);
    await endpoint().direct.send(
      new UpdateItemCommand({
        TableName: table(),
        Key: { provider_shard: { S: credentialShard(provider, damaged!) }, name: { S: damaged! } },
        UpdateExpression: 'REMOVE key_version',
      }),
    );
    const counts = await newScanner().countByVersion(provider, 4);
    expect([...counts].sort(([a], [b]) => a - b)).toStrictEqual([
      [0, 1],
      [1, 1],
    ]);
    const page = await newScanner().page(provider, 4, { limit: 5 });
    expect(page.credentials.map(({ name }) => name)).toStrictEqual([kept]);
    expect(page.damaged).toMatchObject([{ name: damaged, damaged: true, key_version: 0, revision: 1 }]);
  });

  it('fails as a whole where one shard of the index does not answer', async () => {
    watchCalls(endpoint().proxy, 'Query', provider, pass, pass, unavailable);
    await expect(newScanner().shardsWith(provider, 1, 2)).rejects.toMatchObject({ code: 'store_unavailable' });
  });
});
