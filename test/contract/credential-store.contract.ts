import { randomBytes } from 'node:crypto';
import { QueryCommand, ScanCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBCredentialStore } from '../../lambdas/adapters/aws/dynamodb-credential-store';
import { BY_KEY_VERSION, credentialShard, credentialShards } from '../../lambdas/adapters/aws/dynamodb-tables';
import { canonicalJson } from '../../lambdas/core/domain/canonical-json';
import type { CredentialRecord, CredentialTombstone } from '../../lambdas/core/domain/credential';
import { randomName, type DynamoDBEndpoint } from './dynamodb-endpoint';
import { dropAnswer, dropRequest, pass, unavailable, type Fault } from './faulty-proxy';

const AT = '2026-11-21T09:00:00.000Z';

/** What every CredentialStore keeps, against a DynamoDB. */
export function credentialStoreContract(endpoint: () => DynamoDBEndpoint): void {
  let provider: string;
  beforeEach(() => {
    endpoint().proxy.reset();
    provider = randomName('p');
  });

  const table = (): string => endpoint().tables.credentials;
  const newStore = (options: { maxAttempts?: number; requestTimeoutMs?: number } = {}): DynamoDBCredentialStore =>
    new DynamoDBCredentialStore({ client: endpoint().newClient(options), table: table() });

  const credential = (name: string, change: Partial<CredentialRecord> = {}): CredentialRecord => ({
    provider,
    name,
    revision: 1,
    write_id: randomBytes(16).toString('hex'),
    ciphertext: `kw1.${provider}.1.AAAA`,
    key_version: 1,
    hint: 'wxyz',
    metadata: {},
    created_at: AT,
    updated_at: AT,
    ...change,
  });
  const tombstone = (name: string, revision: number): CredentialTombstone => ({
    provider,
    name,
    revision,
    write_id: randomBytes(16).toString('hex'),
    deleted_at: AT,
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

  describe('put and get', () => {
    it('has nothing under a name that was never used', async () => {
      await expect(newStore().get(provider, 'default', false)).resolves.toBeUndefined();
      await expect(newStore().hasAny(provider)).resolves.toBe(false);
    });

    it('returns a credential exactly as it was put, whatever its metadata', async () => {
      const metadata = {
        base_url: 'https://example.invalid/v1',
        constructor: { name: 'Number' },
        toString: 'x',
        '': 'no name',
        number: 2 ** 60,
        tiny: 1e-100,
        list: [null, true, { a: [] }],
        ünï: '🔑',
      };
      const record = credential('default', { metadata });
      const store = newStore();
      await expect(store.put(record, 0)).resolves.toBe('written');
      // As text, because Jest looks at a member called `constructor`, too.
      expect(canonicalJson(await store.get(provider, 'default', true))).toBe(canonicalJson(record));
      expect(canonicalJson((await store.list(provider, { limit: 10, consistent: true })).credentials)).toBe(
        canonicalJson([record]),
      );
    });

    it('asks for a consistent read only where told', async () => {
      const reads: unknown[] = [];
      endpoint().proxy.every('GetItem', ({ body, forward }) => {
        reads.push((JSON.parse(body) as { ConsistentRead?: boolean }).ConsistentRead);
        return forward();
      });
      await newStore().get(provider, 'default', true);
      await newStore().get(provider, 'default', false);
      expect(reads).toStrictEqual([true, false]);
    });

    it('replaces what was read, and nothing else', async () => {
      const store = newStore();
      await expect(store.put(credential('a'), 1)).resolves.toBe('refused');
      await expect(store.put(credential('a'), 0)).resolves.toBe('written');
      await expect(store.put(credential('a'), 0)).resolves.toBe('refused');
      const second = credential('a', { revision: 2 });
      await expect(store.put(second, 1)).resolves.toBe('written');
      await expect(store.put(credential('a', { revision: 3 }), 1)).resolves.toBe('refused');
      expect(await store.get(provider, 'a', true)).toStrictEqual(second);
    });

    it('keeps providers and names apart', async () => {
      const store = newStore();
      const other = { ...credential('a'), provider: randomName('q') };
      await store.put(credential('a'), 0);
      await store.put(other, 0);
      expect(await store.get(other.provider, 'a', true)).toStrictEqual(other);
      await expect(store.get(provider, 'A', true)).resolves.toBeUndefined();
    });

    it('goes on with the revisions after a deletion', async () => {
      const store = newStore();
      await store.put(credential('a'), 0);
      const deleted = tombstone('a', 2);
      await expect(store.put(deleted, 1)).resolves.toBe('written');
      expect(await store.get(provider, 'a', true)).toStrictEqual(deleted);
      await expect(store.put(credential('a'), 0)).resolves.toBe('refused');
      await expect(store.put(credential('a', { revision: 3 }), 2)).resolves.toBe('written');
    });

    it('lets exactly one of many writers win each revision', async () => {
      const stores = Array.from({ length: 8 }, () => newStore());
      for (let revision = 1; revision <= 5; revision += 1) {
        const records = stores.map(() => credential('contested', { revision }));
        const results = await Promise.all(stores.map((store, at) => store.put(records[at]!, revision - 1)));
        expect(results.filter((result) => result === 'written')).toHaveLength(1);
        expect(results.filter((result) => result === 'refused')).toHaveLength(7);
        const winner = records[results.indexOf('written')];
        expect(await stores[0]!.get(provider, 'contested', true)).toStrictEqual(winner);
      }
    });

    it('reads metadata that somebody broke in the table as none', async () => {
      const store = newStore();
      for (const broken of [{ S: '{"half' }, { S: '[1]' }, { N: '7' }]) {
        await store.put(credential('a', { metadata: { a: 'b' } }), 0);
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
  });

  describe('when answers are lost', () => {
    const cases: [string, number, Fault[], string][] = [
      ['the answer to an applied write', 1, [dropAnswer], 'written'],
      ['the answer to an applied write that the SDK sends again', 2, [dropAnswer, pass], 'written'],
      ['the write itself', 1, [dropRequest, pass], 'written'],
      ['a write to a busy store', 1, [unavailable, pass], 'written'],
    ];
    it.each(cases)('%s', async (_name, maxAttempts, faults, result) => {
      await newStore().put(credential('a'), 0);
      endpoint().proxy.next('PutItem', ...faults);
      const record = credential('a', { revision: 2 });
      await expect(newStore({ maxAttempts }).put(record, 1)).resolves.toBe(result);
      expect(await newStore().get(provider, 'a', true)).toStrictEqual(record);
    });

    it('refuses cleanly where another write came first, also one whose answer was lost before', async () => {
      const store = newStore();
      await store.put(credential('a'), 0);
      await store.put(credential('a', { revision: 2 }), 1);
      await expect(newStore().put(credential('a', { revision: 2 }), 1)).resolves.toBe('refused');
    });

    it('does not know, where a later write covers it', async () => {
      const rival = newStore();
      await rival.put(credential('a'), 0);
      endpoint().proxy.next('PutItem', async ({ forward }) => {
        await forward();
        await rival.put(credential('a', { revision: 3 }), 2);
        return 'drop';
      });
      await expect(newStore().put(credential('a', { revision: 2 }), 1)).resolves.toBe('unknown');
    });

    it('does not know, where the record is gone by then', async () => {
      await expect(
        (async () => {
          endpoint().proxy.next('PutItem', dropRequest);
          return newStore().put(credential('a', { revision: 4 }), 3);
        })(),
      ).resolves.toBe('unknown');
    });

    it('fails where the store stays away', async () => {
      endpoint().proxy.every('PutItem', unavailable);
      await expect(newStore().put(credential('a'), 0)).rejects.toMatchObject({ code: 'store_unavailable' });
      await expect(newStore().get(provider, 'a', true)).resolves.toBeUndefined();
    });

    it('fails to read, list and look for any where the store stays away', async () => {
      endpoint().proxy.every('GetItem', unavailable);
      endpoint().proxy.every('Query', unavailable);
      const store = newStore();
      const failure = { code: 'store_unavailable' };
      await expect(store.get(provider, 'a', true)).rejects.toMatchObject(failure);
      await expect(store.list(provider, { limit: 5, consistent: true })).rejects.toMatchObject(failure);
      await expect(store.hasAny(provider)).rejects.toMatchObject(failure);
    });
  });

  describe('rekey', () => {
    /** The same credential under version 2, in the place of `before`. */
    const moved = (before: CredentialRecord): CredentialRecord => ({
      ...before,
      write_id: randomBytes(16).toString('hex'),
      ciphertext: `kw1.${provider}.2.BBBB`,
      key_version: 2,
    });

    it('replaces the very write that was read, and leaves the revision', async () => {
      const store = newStore();
      const before = credential('a', { metadata: { base_url: 'https://example.invalid' } });
      await store.put(before, 0);
      const after = moved(before);
      await expect(store.rekey(after, before.write_id)).resolves.toBe('written');
      expect(await store.get(provider, 'a', true)).toStrictEqual(after);
      await expect(store.rekey(moved(before), before.write_id)).resolves.toBe('refused');
      expect(await indexed(1)).toStrictEqual([]);
      expect(await indexed(2)).toStrictEqual(['a']);
    });

    it('lets an update, a deletion and a first write win', async () => {
      const store = newStore();
      const before = credential('a');
      await expect(store.rekey(moved(before), before.write_id)).resolves.toBe('refused');
      await store.put(before, 0);
      const update = credential('a', { revision: 2 });
      await store.put(update, 1);
      await expect(store.rekey(moved(before), before.write_id)).resolves.toBe('refused');
      await store.put(tombstone('a', 3), 2);
      await expect(store.rekey(moved(update), update.write_id)).resolves.toBe('refused');
      expect(await store.get(provider, 'a', true)).toMatchObject({ deleted_at: AT });
    });

    it('stands in the way of nobody who holds the revision', async () => {
      const store = newStore();
      const before = credential('a');
      await store.put(before, 0);
      await store.rekey(moved(before), before.write_id);
      await expect(store.put(credential('a', { revision: 2 }), 1)).resolves.toBe('written');
    });

    const cases: [string, number, Fault[], string][] = [
      ['the answer to an applied write', 1, [dropAnswer], 'written'],
      ['the answer to an applied write that the SDK sends again', 2, [dropAnswer, pass], 'written'],
      ['the write itself', 1, [dropRequest, pass], 'written'],
      ['a write to a busy store', 1, [unavailable, pass], 'written'],
    ];
    it.each(cases)('finds out what came of it when %s is lost', async (_name, maxAttempts, faults, result) => {
      const before = credential('a');
      await newStore().put(before, 0);
      endpoint().proxy.next('PutItem', ...faults);
      const after = moved(before);
      await expect(newStore({ maxAttempts }).rekey(after, before.write_id)).resolves.toBe(result);
      expect(await newStore().get(provider, 'a', true)).toStrictEqual(after);
    });

    it('does not know, where another write of the same revision covers it', async () => {
      const rival = newStore();
      const before = credential('a');
      await rival.put(before, 0);
      const ours = moved(before);
      endpoint().proxy.next('PutItem', async ({ forward }) => {
        await forward();
        await rival.rekey(moved(ours), ours.write_id);
        return 'drop';
      });
      await expect(newStore({ maxAttempts: 1 }).rekey(ours, before.write_id)).resolves.toBe('unknown');
    });
  });

  describe('list', () => {
    it('pages through all names in the order of their bytes, without those that were deleted', async () => {
      const store = newStore();
      const names = [
        ...['Zebra', 'a', 'A', '0', '9z', 'a-b', 'a.b', 'a_b', 'aB', 'z'.repeat(128)],
        ...Array.from({ length: 40 }, () => randomBytes(5).toString('hex')),
      ];
      await Promise.all(names.map((name) => store.put(credential(name), 0)));
      const deleted = names.filter((_, at) => at % 7 === 3);
      await Promise.all(deleted.map((name) => store.put(tombstone(name, 2), 1)));
      const live = names
        .filter((name) => !deleted.includes(name))
        .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      for (const limit of [3, 33, live.length, 200]) {
        const listed: string[] = [];
        let after: string | undefined;
        for (;;) {
          const page = await store.list(provider, { limit, consistent: true, ...(after !== undefined && { after }) });
          expect(page.credentials.length).toBeLessThanOrEqual(limit);
          listed.push(...page.credentials.map(({ name }) => name));
          if (page.next === undefined) break;
          after = page.next;
        }
        expect(listed).toStrictEqual(live);
      }
    });

    it('fills a page from one shard, past deleted names', async () => {
      const store = newStore();
      const shard = credentialShard(provider, 'seed');
      const names = Array.from({ length: 700 }, (_, at) => `n${at}`)
        .filter((name) => credentialShard(provider, name) === shard)
        .sort();
      await Promise.all(names.map((name) => store.put(credential(name), 0)));
      const [first, ...others] = names;
      await Promise.all(others.slice(0, -1).map((name) => store.put(tombstone(name, 2), 1)));
      const page = await store.list(provider, { limit: 2, consistent: true });
      expect(page.credentials.map(({ name }) => name)).toStrictEqual([first, names.at(-1)]);
    });

    it('starts after a name that need not exist', async () => {
      const store = newStore();
      await Promise.all(['a', 'c'].map((name) => store.put(credential(name), 0)));
      const names = async (after: string): Promise<string[]> =>
        (await store.list(provider, { limit: 5, consistent: false, after })).credentials.map(({ name }) => name);
      await expect(names('b')).resolves.toStrictEqual(['c']);
      await expect(names('a')).resolves.toStrictEqual(['c']);
      await expect(names('c')).resolves.toStrictEqual([]);
    });

    it('counts deleted names as ever used', async () => {
      const store = newStore();
      await store.put(credential('a'), 0);
      await expect(store.hasAny(provider)).resolves.toBe(true);
      await store.put(tombstone('a', 2), 1);
      await expect(store.hasAny(provider)).resolves.toBe(true);
      await expect(store.list(provider, { limit: 5, consistent: true })).resolves.toStrictEqual({ credentials: [] });
    });
  });

  it('keeps an index by key version that holds the live ones alone', async () => {
    const store = newStore();
    for (const name of ['a', 'b', 'c', 'd']) await store.put(credential(name), 0);
    await store.put(credential('b', { revision: 2, key_version: 2 }), 1);
    await store.put(tombstone('c', 2), 1);
    await expect(indexed(1)).resolves.toStrictEqual(['a', 'd']);
    await expect(indexed(2)).resolves.toStrictEqual(['b']);
    await store.put(credential('c', { revision: 3, key_version: 2 }), 2);
    await expect(indexed(2)).resolves.toStrictEqual(['b', 'c']);
  });

  it('puts keys alone into the index', async () => {
    await newStore().put(credential('a'), 0);
    const { Items = [] } = await endpoint().direct.send(
      new ScanCommand({ TableName: table(), IndexName: BY_KEY_VERSION }),
    );
    for (const item of Items) expect(Object.keys(item).sort()).toStrictEqual(['key_version', 'name', 'provider_shard']);
    expect(Items.length).toBeGreaterThan(0);
  });
}
