import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBKeysetStore } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-keyset-store';
import { keeps } from '../contract';
import { keyset, keysetScannerContract, keysetStoreContract } from '../keyset-store.contract';
import { randomName } from '../random-name';
import { dropAnswer, dropRequest, pass, unavailable, type Fault } from './faulty-proxy';
import { faultsOf, useDynamoDB } from './use-dynamodb';

const endpoint = useDynamoDB();
const storeOver = (client = endpoint().client): DynamoDBKeysetStore =>
  new DynamoDBKeysetStore({ client, table: endpoint().tables.keysets, region: 'us-east-1' });

const open = () => {
  const rival = storeOver(endpoint().direct);
  return { port: storeOver(), rival, store: rival, faults: faultsOf(endpoint().proxy) };
};
keeps('DynamoDBKeysetStore', keysetStoreContract, open);
keeps('DynamoDBKeysetStore', keysetScannerContract, open);

describe('beyond the contract', () => {
  const newStore = (maxAttempts: number): DynamoDBKeysetStore => storeOver(endpoint().newClient({ maxAttempts }));
  /** Writes another writer's record, without a condition. */
  const overwrite = (of: string): Promise<unknown> =>
    endpoint().direct.send(
      new PutItemCommand({
        TableName: endpoint().tables.keysets,
        Item: { provider: { S: of }, revision: { N: '5' }, write_id: { S: 'another' } },
      }),
    );
  const erase = (of: string): Promise<unknown> =>
    endpoint().direct.send(
      new DeleteItemCommand({ TableName: endpoint().tables.keysets, Key: { provider: { S: of } } }),
    );
  let provider: string;
  beforeEach(() => {
    provider = randomName('p');
  });

  it('is read consistently', async () => {
    const seen: string[] = [];
    endpoint().proxy.every('GetItem', ({ body, forward }) => {
      seen.push(body);
      return forward();
    });
    await storeOver().get(provider);
    expect(JSON.parse(seen[0]!)).toMatchObject({ ConsistentRead: true });
  });

  describe.each(['create', 'replace'] as const)('%s', (method) => {
    /** A write that the table takes. */
    const prepare = async () => {
      const first = keyset(provider);
      if (method === 'create') return { record: first, write: (store: DynamoDBKeysetStore) => store.create(first) };
      await storeOver(endpoint().direct).create(first);
      const record = { ...keyset(provider), revision: 2 };
      return { record, write: (store: DynamoDBKeysetStore) => store.replace(record, 1) };
    };

    it.each([
      ['retries an applied write and sees its condition fail', [dropAnswer, pass]],
      ['retries a write that did not arrive', [dropRequest, pass]],
      ['finds the store busy', [unavailable, pass]],
    ] satisfies [string, Fault[]][])('is written where the SDK %s', async (_name, faults) => {
      const { record, write } = await prepare();
      endpoint().proxy.next('PutItem', ...faults);
      await expect(write(newStore(2))).resolves.toBe('written');
      expect(await storeOver().get(provider)).toStrictEqual(record);
    });

    it('that arrives late, after it was sent again, is the same write', async () => {
      const { write } = await prepare();
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
      await expect(write(storeOver())).resolves.toBe('written');
    });

    it('is not known of where the SDK retried and another record is there by then', async () => {
      const { write } = await prepare();
      endpoint().proxy.next('PutItem', async ({ forward }) => {
        await forward();
        await overwrite(provider);
        return 'drop';
      });
      await expect(write(newStore(2))).resolves.toBe('unknown');
    });

    it('is not known of where the SDK retried and the record is gone by then', async () => {
      const { write } = await prepare();
      endpoint().proxy.next('PutItem', dropAnswer, async ({ forward }) => {
        const answer = await forward();
        await erase(provider);
        return answer;
      });
      await expect(write(newStore(2))).resolves.toBe('unknown');
    });

    it('is sent twice and no more', async () => {
      const { write } = await prepare();
      endpoint().proxy.reset();
      endpoint().proxy.every('PutItem', unavailable);
      await expect(write(storeOver())).rejects.toMatchObject({ code: 'store_unavailable' });
      expect(endpoint().proxy.calls.get('PutItem')).toBe(2);
    });
  });

  describe('all keysets', () => {
    /** Pages of two, so that there are several pages. */
    const inPages: Fault = ({ body, forward }) =>
      forward(JSON.stringify({ ...(JSON.parse(body) as object), Limit: 2 }));

    it('come page by page, consistently, whatever they are', async () => {
      const names = Array.from({ length: 5 }, (_, index) => `${provider}-${index}`);
      const records = names.map(keyset);
      const store = storeOver();
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
      const found = new Map((await store.all()).map((row) => [row.provider, row.value]));
      for (const each of records) expect(found.get(each.provider)).toStrictEqual(each);
      expect(found.get(odd)).toStrictEqual({ provider: odd, kek_id: 7 });
      expect(asked.length).toBeGreaterThan(2);
      for (const body of asked) expect(JSON.parse(body)).toMatchObject({ ConsistentRead: true });
    });

    it.each([
      ['the second page is lost', dropRequest],
      ['the second page is answered by 503', unavailable],
    ])('a part is never passed off as the whole: %s', async (_, fault) => {
      const store = storeOver();
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
    const failure: unknown = await storeOver()
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
    const store = storeOver(endpoint().newClient({ requestTimeoutMs: 300 }));
    await expect(store.get(provider)).rejects.toMatchObject({ code: 'store_unavailable' });
  });
});
