import { QueryCommand, ScanCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { BY_KEY_VERSION } from '../../../lambdas/core/contract/tables';
import { DynamoDBCredentialStore } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-credential-store';
import { credentialShard, credentialShards } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-tables';
import { keeps } from '../contract';
import { credentialStoreContract } from '../credential-store.contract';
import { newWriteId, randomName } from '../random-name';
import { credential, tombstone } from '../stored-credentials';
import { dropAnswer, dropRequest, pass, unavailable, type Fault } from './faulty-proxy';
import { faultsOf, useDynamoDB } from './use-dynamodb';

const endpoint = useDynamoDB();
const table = (): string => endpoint().tables.credentials;
const storeOver = (client = endpoint().client): DynamoDBCredentialStore =>
  new DynamoDBCredentialStore({ client, table: table() });

keeps('DynamoDBCredentialStore', credentialStoreContract, () => ({
  port: storeOver(),
  rival: storeOver(endpoint().direct),
  faults: faultsOf(endpoint().proxy),
}));

describe('beyond the contract', () => {
  let provider: string;
  beforeEach(() => {
    provider = randomName('p');
  });

  /** Names in the index, per key version. */
  async function indexed(version: number): Promise<string[]> {
    const pages = credentialShards(provider).map((shard) =>
      endpoint().direct.send(
        new QueryCommand({
          TableName: table(),
          IndexName: BY_KEY_VERSION,
          KeyConditionExpression: 'provider_shard = :shard AND key_version = :version',
          ExpressionAttributeValues: { ':shard': { S: shard }, ':version': { N: String(version) } },
        }),
      ),
    );
    return (await Promise.all(pages)).flatMap(({ Items = [] }) => Items.map(({ name }) => name!.S!)).sort();
  }

  it.each([
    ['get', 'GetItem'],
    ['list', 'Query'],
  ] as const)('%s asks for a consistent read only where told', async (method, operation) => {
    const reads: unknown[] = [];
    endpoint().proxy.every(operation, ({ body, forward }) => {
      reads.push((JSON.parse(body) as { ConsistentRead?: boolean }).ConsistentRead);
      return forward();
    });
    for (const consistent of [true, false]) {
      await (method === 'get'
        ? storeOver().get(provider, 'default', consistent)
        : storeOver().list(provider, { limit: 1, consistent }));
    }
    const each = method === 'get' ? 1 : 16;
    expect(reads).toStrictEqual([
      ...Array.from({ length: each }, () => true),
      ...Array.from({ length: each }, () => false),
    ]);
  });

  it('looks for any credential consistently', async () => {
    const reads: unknown[] = [];
    endpoint().proxy.every('Query', ({ body, forward }) => {
      reads.push((JSON.parse(body) as { ConsistentRead?: boolean }).ConsistentRead);
      return forward();
    });
    await storeOver().hasAny(provider);
    expect(reads).toStrictEqual(Array.from({ length: 16 }, () => true));
  });

  it('looks consistently at what came of a write', async () => {
    const reads: unknown[] = [];
    endpoint().proxy.every('GetItem', ({ body, forward }) => {
      reads.push((JSON.parse(body) as { ConsistentRead?: boolean }).ConsistentRead);
      return forward();
    });
    const first = credential(provider, 'a');
    endpoint().proxy.next('PutItem', dropAnswer, dropAnswer);
    await storeOver().put(first, 0);
    await storeOver().rekey({ ...first, write_id: newWriteId() }, first.write_id);
    expect(reads).toStrictEqual([true, true]);
  });

  it('reads metadata that somebody broke in the table as none', async () => {
    const store = storeOver();
    for (const broken of [{ S: '{"half' }, { S: '[1]' }, { N: '7' }]) {
      await store.put(credential(provider, 'a', { metadata: { a: 'b' } }), 0);
      await endpoint().direct.send(
        new UpdateItemCommand({
          TableName: table(),
          Key: { provider_shard: { S: credentialShard(provider, 'a') }, name: { S: 'a' } },
          UpdateExpression: 'SET metadata = :broken',
          ExpressionAttributeValues: { ':broken': broken },
        }),
      );
      await expect(store.get(provider, 'a', true)).resolves.toMatchObject({ metadata: {} });
    }
  });

  describe.each(['put', 'rekey'] as const)('%s', (method) => {
    it.each([
      ['retries an applied write and sees its condition fail', [dropAnswer, pass]],
      ['retries a write that did not arrive', [dropRequest, pass]],
      ['finds the store busy', [unavailable, pass]],
    ] satisfies [string, Fault[]][])('is written where the SDK %s', async (_name, faults) => {
      const before = credential(provider, 'a');
      await storeOver().put(before, 0);
      endpoint().proxy.next('PutItem', ...faults);
      const store = storeOver(endpoint().newClient({ maxAttempts: 2 }));
      const after = { ...before, write_id: newWriteId(), ...(method === 'put' && { revision: 2 }) };
      const write = method === 'put' ? store.put(after, 1) : store.rekey(after, before.write_id);
      await expect(write).resolves.toBe('written');
      expect(await storeOver().get(provider, 'a', true)).toStrictEqual(after);
    });
  });

  it('put is not known of where the record that was read is gone by then', async () => {
    endpoint().proxy.next('PutItem', dropRequest);
    await expect(storeOver().put(credential(provider, 'a', { revision: 4 }), 3)).resolves.toBe('unknown');
  });

  it('lets exactly one of many writers win each revision', async () => {
    const stores = Array.from({ length: 8 }, () => storeOver(endpoint().newClient()));
    for (let revision = 1; revision <= 5; revision += 1) {
      const records = stores.map(() => credential(provider, 'contested', { revision }));
      const results = await Promise.all(stores.map((store, at) => store.put(records[at]!, revision - 1)));
      expect(results.filter((result) => result === 'written')).toHaveLength(1);
      expect(results.filter((result) => result === 'refused')).toHaveLength(7);
      const winner = records[results.indexOf('written')];
      expect(await stores[0]!.get(provider, 'contested', true)).toStrictEqual(winner);
    }
  });

  it('fills a page of a list from one shard, past deleted names', async () => {
    const store = storeOver();
    const shard = credentialShard(provider, 'seed');
    const names = Array.from({ length: 700 }, (_, at) => `n${at}`)
      .filter((name) => credentialShard(provider, name) === shard)
      .sort();
    await Promise.all(names.map((name) => store.put(credential(provider, name), 0)));
    const [first, ...others] = names;
    await Promise.all(others.slice(0, -1).map((name) => store.put(tombstone(provider, name, 2), 1)));
    const page = await store.list(provider, { limit: 2, consistent: true });
    expect(page.credentials.map(({ name }) => name)).toStrictEqual([first, names.at(-1)]);
  });

  it('keeps an index by key version that holds the live ones alone', async () => {
    const store = storeOver();
    for (const name of ['a', 'b', 'c', 'd']) await store.put(credential(provider, name), 0);
    await store.put(credential(provider, 'b', { revision: 2, key_version: 2 }), 1);
    await store.put(tombstone(provider, 'c', 2), 1);
    await expect(indexed(1)).resolves.toStrictEqual(['a', 'd']);
    await expect(indexed(2)).resolves.toStrictEqual(['b']);
    await store.put(credential(provider, 'c', { revision: 3, key_version: 2 }), 2);
    await expect(indexed(2)).resolves.toStrictEqual(['b', 'c']);
    const before = credential(provider, 'e');
    await store.put(before, 0);
    await store.rekey({ ...before, write_id: newWriteId(), key_version: 2 }, before.write_id);
    await expect(indexed(1)).resolves.toStrictEqual(['a', 'd']);
    await expect(indexed(2)).resolves.toStrictEqual(['b', 'c', 'e']);
  });

  it('puts keys alone into the index', async () => {
    await storeOver().put(credential(provider, 'a'), 0);
    const { Items = [] } = await endpoint().direct.send(
      new ScanCommand({ TableName: table(), IndexName: BY_KEY_VERSION }),
    );
    for (const item of Items) expect(Object.keys(item).sort()).toStrictEqual(['key_version', 'name', 'provider_shard']);
    expect(Items.length).toBeGreaterThan(0);
  });
});
