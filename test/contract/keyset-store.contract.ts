import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { toDocumentClient } from '../../lambdas/adapters/aws/document-client';
import { DynamoDBKeysetStore } from '../../lambdas/adapters/aws/dynamodb-keyset-store';
import { newKeyset, signKeyset, verifyKeyset, type KeysetRecord } from '../../lambdas/core/domain/dek-keyset';
import { newKeks, TEST_START, testRandomness } from '../doubles/memory-ports';
import { randomName, type DynamoDBEndpoint } from './dynamodb-endpoint';
import { dropAnswer, dropRequest, pass, unavailable, type Fault } from './faulty-proxy';

/** What every KeysetStore keeps, against a DynamoDB. */
export function keysetStoreContract(endpoint: () => DynamoDBEndpoint): void {
  const keks = newKeks();
  const keyset = (provider: string): KeysetRecord => newKeyset(provider, keks.primary, TEST_START, testRandomness);
  const newStore = (maxAttempts = 1): DynamoDBKeysetStore =>
    new DynamoDBKeysetStore({
      client: endpoint().newClient({ maxAttempts }),
      table: endpoint().tables.keysets,
      region: 'us-east-1',
    });
  /** Another writer's record, past any condition. */
  const overwrite = (record: KeysetRecord): Promise<unknown> =>
    endpoint().direct.send(
      new PutItemCommand({
        TableName: endpoint().tables.keysets,
        Item: {
          provider: { S: record.provider },
          revision: { N: String(record.revision) },
          write_id: { S: record.write_id },
        },
      }),
    );

  let provider: string;
  let record: KeysetRecord;
  beforeEach(() => {
    endpoint().proxy.reset();
    provider = randomName('p');
    record = keyset(provider);
  });

  it('has nothing for a provider without a keyset, and knows its region', async () => {
    const store = newStore();
    expect(store.region).toBe('us-east-1');
    await expect(store.get(provider)).resolves.toBeUndefined();
  });

  it('returns a keyset exactly as it was written, so that its MAC verifies', async () => {
    const store = newStore();
    await expect(store.create(record)).resolves.toBe('written');
    const read = await store.get(provider);
    expect(read).toStrictEqual(record);
    expect(() => verifyKeyset(read, provider, keks)).not.toThrow();
  });

  it('keeps members that this release does not know, down to the last bit of a number', async () => {
    const { mac: _, ...unsigned } = record;
    const extended = signKeyset(
      {
        ...unsigned,
        later: {
          nothing: null,
          yes: true,
          empty: '',
          list: [1, 'two', [], {}, null],
          numbers: [0.1, 1 / 3, -1.5e-100, Number.MAX_SAFE_INTEGER, 2 ** 80, 1e100, Number.EPSILON],
          text: 'ünïcode 🔑',
          map: { deep: { deeper: { deepest: 'x' } } },
        },
        left_out: undefined,
        versions: { ...record.versions, '7': { state: 'destroyed', created_at: record.dek_created_at, by: ['a'] } },
      },
      keks.primary,
    );
    const store = newStore();
    await expect(store.create(extended)).resolves.toBe('written');
    const read = await store.get(provider);
    const { left_out: _undefined, ...expected } = extended;
    expect(read).toStrictEqual(expected);
    expect(() => verifyKeyset(read, provider, keks)).not.toThrow();
  });

  it('is read consistently', async () => {
    const seen: string[] = [];
    endpoint().proxy.every('GetItem', ({ body, forward }) => {
      seen.push(body);
      return forward();
    });
    await newStore().get(provider);
    expect(JSON.parse(seen[0]!)).toMatchObject({ ConsistentRead: true });
  });

  it('refuses a second keyset for a provider', async () => {
    const store = newStore();
    await store.create(record);
    await expect(store.create(keyset(provider))).resolves.toBe('refused');
    expect(await store.get(provider)).toStrictEqual(record);
  });

  it('lets exactly one of many writers create it', async () => {
    const records = Array.from({ length: 12 }, () => keyset(provider));
    const results = await Promise.all(records.map((each) => newStore().create(each)));
    expect(results.filter((result) => result === 'written')).toHaveLength(1);
    expect(results.filter((result) => result === 'refused')).toHaveLength(11);
    expect(await newStore().get(provider)).toStrictEqual(records[results.indexOf('written')]);
  });

  describe('when answers are lost', () => {
    const cases: [string, number, Fault[], string][] = [
      ['the answer to an applied write is lost', 1, [dropAnswer], 'written'],
      ['the SDK retries an applied write and sees its condition fail', 2, [dropAnswer, pass], 'written'],
      ['the SDK retries a write that did not arrive', 2, [dropRequest, pass], 'written'],
      ['the write did not arrive', 1, [dropRequest, pass], 'written'],
      ['the store was busy once', 1, [unavailable, pass], 'written'],
      ['the second write is applied and its answer is lost, too', 1, [dropRequest, dropAnswer], 'written'],
    ];
    it.each(cases)('%s', async (_name, maxAttempts, faults, result) => {
      endpoint().proxy.next('PutItem', ...faults);
      await expect(newStore(maxAttempts).create(record)).resolves.toBe(result);
      expect(await newStore().get(provider)).toStrictEqual(record);
    });

    it('a write that arrives late, after it was sent again, is the same write', async () => {
      let late: (() => Promise<unknown>) | undefined;
      endpoint().proxy.next(
        'PutItem',
        async ({ forward }) => {
          late = () => forward();
          return 'drop';
        },
        async ({ forward }) => {
          await late?.();
          return forward();
        },
      );
      await expect(newStore().create(record)).resolves.toBe('written');
    });

    it('does not know, where another record is there by then', async () => {
      const other = { ...keyset(provider), revision: 5 };
      endpoint().proxy.next('PutItem', async ({ forward }) => {
        await forward();
        await overwrite(other);
        return 'drop';
      });
      await expect(newStore().create(record)).resolves.toBe('unknown');
    });

    it('does not know, where the SDK retried and another record is there by then', async () => {
      endpoint().proxy.next('PutItem', async ({ forward }) => {
        await forward();
        await overwrite({ ...keyset(provider), revision: 2 });
        return 'drop';
      });
      await expect(newStore(2).create(record)).resolves.toBe('unknown');
    });

    it('does not know, where the SDK retried and the record is gone by then', async () => {
      endpoint().proxy.next('PutItem', dropAnswer, async ({ forward }) => {
        const answer = await forward();
        const Key = { provider: { S: provider } };
        await endpoint().direct.send(new DeleteItemCommand({ TableName: endpoint().tables.keysets, Key }));
        return answer;
      });
      await expect(newStore(2).create(record)).resolves.toBe('unknown');
    });

    it('does not know, where another record is there after the second write', async () => {
      endpoint().proxy.next('PutItem', dropRequest, async () => {
        await overwrite(keyset(provider));
        return 'drop';
      });
      await expect(newStore().create(record)).resolves.toBe('unknown');
    });

    it.each([
      ['never arrives', dropRequest],
      ['is answered by 503', unavailable],
    ])('fails where a write %s', async (_name, fault) => {
      endpoint().proxy.every('PutItem', fault);
      await expect(newStore().create(record)).rejects.toMatchObject({ code: 'store_unavailable' });
      expect(endpoint().proxy.calls.get('PutItem')).toBe(2);
      await expect(newStore().get(provider)).resolves.toBeUndefined();
    });

    it('fails where what is stored cannot be read, although it was written', async () => {
      endpoint().proxy.next('PutItem', dropAnswer);
      endpoint().proxy.every('GetItem', unavailable);
      await expect(newStore().create(record)).rejects.toMatchObject({ code: 'store_unavailable' });
      const documents = toDocumentClient(endpoint().direct);
      const found = await documents.get({
        TableName: endpoint().tables.keysets,
        Key: { provider },
        ConsistentRead: true,
      });
      expect(found).toStrictEqual(record);
    });
  });

  describe('all keysets', () => {
    /** Pages of two, so that there are several. */
    const inPages: Fault = ({ body, forward }) =>
      forward(JSON.stringify({ ...(JSON.parse(body) as object), Limit: 2 }));
    /** The table has rows of other tests, too. */
    const ownOf = async (store: DynamoDBKeysetStore, names: readonly string[]) =>
      new Map(
        (await store.all()).filter((row) => names.includes(row.provider)).map((row) => [row.provider, row.value]),
      );

    it('come as they were written, page by page, consistently, whatever they are', async () => {
      const names = Array.from({ length: 5 }, (_, index) => `${provider}-${index}`);
      const records = names.map(keyset);
      const store = newStore();
      for (const each of records) await store.create(each);
      const odd = `Odd name ${provider}`;
      await endpoint().direct.send(
        new PutItemCommand({
          TableName: endpoint().tables.keysets,
          Item: { provider: { S: odd }, kek_id: { N: '7' } },
        }),
      );
      const asked: string[] = [];
      endpoint().proxy.every('Scan', (exchange) => {
        asked.push(exchange.body);
        return inPages(exchange);
      });
      const found = await ownOf(store, [...names, odd]);
      expect([...found.keys()].sort()).toStrictEqual([...names, odd].sort());
      for (const each of records) expect(found.get(each.provider)).toStrictEqual(each);
      expect(found.get(odd)).toStrictEqual({ provider: odd, kek_id: 7 });
      expect(asked.length).toBeGreaterThan(2);
      for (const body of asked) expect(JSON.parse(body)).toMatchObject({ ConsistentRead: true });
    });

    it.each([
      ['the second page is lost', dropRequest],
      ['the second page is answered by 503', unavailable],
    ])('a part is never passed off as the whole: %s', async (_, fault) => {
      const store = newStore();
      for (const name of ['a', 'b', 'c']) await store.create(keyset(`${provider}-${name}`));
      endpoint().proxy.next('Scan', inPages, fault);
      await expect(store.all()).rejects.toMatchObject({ code: 'store_unavailable' });
    });
  });

  it('says nothing of what went wrong when it cannot be read', async () => {
    endpoint().proxy.every('GetItem', async () => ({
      status: 400,
      body: JSON.stringify({ __type: 'com.amazon.coral.service#AccessDeniedException', message: `denied ${provider}` }),
    }));
    const failure: unknown = await newStore()
      .get(provider)
      .catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ code: 'store_unavailable', message: 'the table did not answer; try again' });
    expect((failure as Error).cause).toBeUndefined();
  });

  it.each([
    ['does not answer', () => new Promise<never>(() => undefined)],
    ['cannot be reached', dropRequest],
  ] satisfies [string, Fault][])('gives up on a store that %s', async (_name, fault) => {
    endpoint().proxy.every('GetItem', fault);
    const store = new DynamoDBKeysetStore({
      client: endpoint().newClient({ requestTimeoutMs: 300 }),
      table: endpoint().tables.keysets,
      region: 'us-east-1',
    });
    await expect(store.get(provider)).rejects.toMatchObject({ code: 'store_unavailable' });
  });
}
