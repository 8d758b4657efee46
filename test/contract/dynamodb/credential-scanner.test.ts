import { UpdateItemCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { DynamoDBCredentialScanner } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-credential-scanner';
import { DynamoDBCredentialStore } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-credential-store';
import { credentialShard } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-tables';
import { heldValues } from '../../../lambdas/core/credentials/held-values';
import { shardOf } from '../../doubles/memory-dek-rotation-ports';
import { keeps } from '../contract';
import { credentialScannerContract, namesIn } from '../credential-scanner.contract';
import { randomName } from '../random-name';
import { credential, previousValue, tombstone } from '../stored-credentials';
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
    for (const name of names) await store.put(credential(provider, name, { write_id: name }), undefined);
    for (const name of names.slice(1, 11)) await store.put(tombstone(provider, name, 2), { write_id: name });
    const page = await newScanner().page(provider, 3, { after: names[2]!, limit: 3 });
    expect(page).toStrictEqual({ rows: [], next: names[5]! });
  });

  it('asks once for a page, reads the table consistently, and looks for work in the index alone', async () => {
    const queries = watchCalls(endpoint().proxy, 'Query', provider);
    const scanner = newScanner();
    await scanner.page(provider, 0, { limit: 25 });
    await scanner.countByVersion(provider, 0);
    expect(queries).toMatchObject([
      { ConsistentRead: true, Limit: 25 },
      { ConsistentRead: true, ProjectionExpression: '#key_version, #current_key_version, #deleted_at, #previous' },
    ]);
    await scanner.shardsWith(provider, 1, 2);
    expect(queries).toHaveLength(18);
    for (const query of queries.slice(2)) expect(query).toMatchObject({ IndexName: 'by-key-version', Limit: 1 });
  });

  it('counts on where DynamoDB, or the limit that it was given, cuts a read short', async () => {
    // More than one read holds (1 MB).
    const names = namesIn({ shardOf }, 6, 150);
    const metadata = { padding: 'x'.repeat(8_000) };
    const store = newStore();
    await Promise.all(names.map((name) => store.put(credential(provider, name, { metadata }), undefined)));
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
    expect(page.rows.length).toBeLessThan(150);
    expect(page.next).toBe(page.rows.at(-1)?.name);
  });

  /** Edits a row in the table. */
  const edit = (name: string, expression: string, values: Readonly<Record<string, AttributeValue>> = {}) =>
    endpoint().direct.send(
      new UpdateItemCommand({
        TableName: table(),
        Key: { provider_shard: { S: credentialShard(provider, name) }, name: { S: name } },
        UpdateExpression: expression,
        ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
      }),
    );

  const countsOf = async (shard: number) =>
    [...(await newScanner().countByVersion(provider, shard))].sort(([a], [b]) => a - b);

  it('counts a credential whose version somebody took out of the table as under none', async () => {
    const [kept, damaged] = namesIn({ shardOf }, 4, 2);
    await newStore().put(credential(provider, kept!), undefined);
    await newStore().put(credential(provider, damaged!), undefined);
    await edit(damaged!, 'REMOVE key_version');
    await expect(countsOf(4)).resolves.toStrictEqual([
      [0, 1],
      [1, 1],
    ]);
    const { rows } = await newScanner().page(provider, 4, { limit: 5 });
    expect(rows).toMatchObject([{ name: kept }, { name: damaged, damaged: true, key_version: 0, revision: 1 }]);
  });

  it.each([
    ['no version', 'REMOVE previous.key_version', {}],
    ['a version that none is', 'SET previous.key_version = :broken', { ':broken': { N: '1.5' } }],
    ['nothing in it', 'SET previous = :broken', { ':broken': { M: {} } }],
    ['a text in its place', 'SET previous = :broken', { ':broken': { S: 'broken' } }],
    ['null in its place', 'SET previous = :broken', { ':broken': { NULL: true } }],
  ] as [string, string, Record<string, AttributeValue>][])(
    'counts a previous value that has %s as under none, as its pages have it: what fails has to be what is counted',
    async (_what, expression, values) => {
      const [live, deleted] = namesIn({ shardOf }, 8, 2);
      const previous = previousValue({ key_version: 2 });
      await newStore().put(credential(provider, live!, { key_version: 3, previous }), undefined);
      await newStore().put(tombstone(provider, deleted!, 2, { previous }), undefined);
      for (const name of [live!, deleted!]) await edit(name, expression, values);
      await expect(countsOf(8)).resolves.toStrictEqual([
        [0, 2],
        [3, 1],
      ]);
      const { rows } = await newScanner().page(provider, 8, { limit: 5 });
      expect(rows.flatMap((row) => heldValues(row))).toStrictEqual([
        { which: 'current', key_version: 3 },
        { which: 'previous', key_version: 0 },
        { which: 'previous', key_version: 0 },
      ]);
    },
  );

  it('counts no current value of a deleted row that is damaged, as its pages have it', async () => {
    const [name] = namesIn({ shardOf }, 9, 1);
    await newStore().put(tombstone(provider, name!, 2, { previous: previousValue({ key_version: 2 }) }), undefined);
    await edit(name!, 'REMOVE write_id');
    await expect(countsOf(9)).resolves.toStrictEqual([[2, 1]]);
    const { rows } = await newScanner().page(provider, 9, { limit: 5 });
    expect(rows).toMatchObject([{ name, damaged: true }]);
    expect(rows.flatMap((row) => heldValues(row))).toStrictEqual([{ which: 'previous', key_version: 2 }]);
  });

  it('counts and shows the current value of a row that the release before has moved under its new version', async () => {
    const [name] = namesIn({ shardOf }, 2, 1);
    const previous = previousValue({ key_version: 1 });
    const row = credential(provider, name!, { key_version: 2, previous });
    await newStore().put(row, undefined);
    // The store writes unknown members unchanged.
    await edit(name!, 'SET key_version = :moved', { ':moved': { N: '3' } });
    await expect(countsOf(2)).resolves.toStrictEqual([
      [1, 1],
      [3, 1],
    ]);
    const { rows } = await newScanner().page(provider, 2, { limit: 5 });
    expect(rows).toStrictEqual([{ ...row, key_version: 3 }]);
  });

  it('fails as a whole where one shard of the index does not answer', async () => {
    watchCalls(endpoint().proxy, 'Query', provider, pass, pass, unavailable);
    await expect(newScanner().shardsWith(provider, 1, 2)).rejects.toMatchObject({ code: 'store_unavailable' });
  });
});
