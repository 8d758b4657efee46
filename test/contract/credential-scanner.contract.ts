import { randomBytes } from 'node:crypto';
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBCredentialScanner } from '../../lambdas/adapters/aws/dynamodb-credential-scanner';
import { DynamoDBCredentialStore } from '../../lambdas/adapters/aws/dynamodb-credential-store';
import { credentialShard } from '../../lambdas/adapters/aws/dynamodb-tables';
import type { CredentialRecord, CredentialTombstone } from '../../lambdas/core/domain/credential';
import type { CredentialScanner } from '../../lambdas/core/ports/credential-scanner';
import type { CredentialStore } from '../../lambdas/core/ports/credential-store';
import { randomName, type DynamoDBEndpoint } from './dynamodb-endpoint';
import { pass, unavailable } from './faulty-proxy';
import { watchCalls } from './watch-calls';

const AT = '2026-11-21T09:00:00.000Z';

const credential = (provider: string, name: string, change: Partial<CredentialRecord> = {}): CredentialRecord => ({
  provider,
  name,
  revision: 1,
  write_id: randomBytes(16).toString('hex'),
  ciphertext: `kw1.${provider}.1.AAAA`,
  key_version: 1,
  hint: 'wxyz',
  metadata: { base_url: 'https://example.invalid/v1', list: [null, { constructor: 1 }] },
  created_at: AT,
  updated_at: AT,
  ...change,
});

const tombstone = (provider: string, name: string, revision: number): CredentialTombstone => ({
  provider,
  name,
  revision,
  write_id: randomBytes(16).toString('hex'),
  deleted_at: AT,
});

const shardOf = (provider: string, name: string): number => Number(credentialShard(provider, name).slice(-2));

/** The first so many names that are in one shard, in their order. */
function namesIn(shard: number, count: number): string[] {
  const names: string[] = [];
  for (let number = 0; names.length < count; number += 1) {
    const name = `name-${String(number).padStart(6, '0')}`;
    if (shardOf('any', name) === shard) names.push(name);
  }
  return names;
}

export interface CredentialScannerUnderTest {
  readonly scanner: CredentialScanner;
  /** Over the same credentials. */
  readonly store: Pick<CredentialStore, 'put'>;
  /** Makes the scanner fail from now on. */
  readonly takeDown: () => void;
}

/** What every CredentialScanner keeps. */
export function credentialScannerContract(open: () => CredentialScannerUnderTest): void {
  let provider: string;
  let scanner: CredentialScanner;
  let store: Pick<CredentialStore, 'put'>;
  let takeDown: () => void;
  beforeEach(() => {
    provider = randomName('p');
    ({ scanner, store, takeDown } = open());
  });

  const put = async (records: readonly CredentialRecord[]): Promise<void> => {
    const results = await Promise.all(records.map((record) => store.put(record, 0)));
    expect(new Set(results)).toStrictEqual(new Set(['written']));
  };
  const erase = async (records: readonly CredentialRecord[]): Promise<void> => {
    await Promise.all(records.map(({ name }) => store.put(tombstone(provider, name, 2), 1)));
  };
  async function readAll(shard: number, limit: number): Promise<{ credentials: CredentialRecord[]; pages: number }> {
    const credentials: CredentialRecord[] = [];
    for (let pages = 1, after: string | undefined; ; pages += 1) {
      const page = await scanner.page(provider, shard, { limit, ...(after !== undefined && { after }) });
      expect(page.credentials.length).toBeLessThanOrEqual(limit);
      credentials.push(...page.credentials);
      if (page.next === undefined) return { credentials, pages };
      // Every page moves on, or the scan would never come to an end.
      expect(after === undefined || page.next > after).toBe(true);
      after = page.next;
    }
  }

  it('has nothing where there is nothing', async () => {
    await expect(scanner.page(provider, 0, { limit: 5 })).resolves.toStrictEqual({ credentials: [] });
    await expect(scanner.countByVersion(provider, 0)).resolves.toStrictEqual(new Map());
    await expect(scanner.shardsWith(provider, 1, 1_000)).resolves.toStrictEqual([]);
  });

  it('finds every credential in one shard, exactly as it was put, and no other provider’s', async () => {
    const records = Array.from({ length: 60 }, (_, number) => credential(provider, `key.${number}`));
    await put([...records, ...records.map((record) => ({ ...record, provider: `${provider}-x` }))]);
    const found = new Map<string, CredentialRecord>();
    for (let shard = 0; shard < scanner.shardCount; shard += 1) {
      for (const each of (await readAll(shard, 50)).credentials) {
        expect(found.has(each.name)).toBe(false);
        found.set(each.name, each);
      }
    }
    expect(found).toStrictEqual(
      new Map([...found.keys()].map((name) => [name, records.find((each) => each.name === name)])),
    );
    expect(found.size).toBe(60);
  });

  it.each([1, 2, 6, 7, 8, 100])('reads a shard in the order of names, %d at a time', async (limit) => {
    const records = namesIn(5, 7).map((name) => credential(provider, name));
    await put([...records].reverse());
    const read = await readAll(5, limit);
    expect(read.credentials).toStrictEqual(records);
    expect(read.pages).toBeGreaterThanOrEqual(Math.ceil(7 / limit));
    expect(read.pages).toBeLessThanOrEqual(Math.floor(7 / limit) + 1);
  });

  it('starts after a name that need not exist', async () => {
    const [first, second, third] = namesIn(9, 3).map((name) => credential(provider, name));
    await put([first!, third!]);
    const after = (name: string) => scanner.page(provider, 9, { after: name, limit: 5 });
    await expect(after(second!.name)).resolves.toStrictEqual({ credentials: [third] });
    await expect(after(first!.name)).resolves.toStrictEqual({ credentials: [third] });
    await expect(after(third!.name)).resolves.toStrictEqual({ credentials: [] });
  });

  it('goes past deleted ones, through pages without any credential', async () => {
    const records = namesIn(3, 12).map((name) => credential(provider, name));
    await put(records);
    await erase(records.slice(1, 11));
    const read = await readAll(3, 3);
    expect(read.credentials).toStrictEqual([records[0], records[11]]);
    const empty = await scanner.page(provider, 3, { after: records[2]!.name, limit: 3 });
    expect(empty).toStrictEqual({ credentials: [], next: records[5]!.name });
  });

  it('counts the live ones of a shard by their version', async () => {
    const records = namesIn(12, 9).map((name, index) => credential(provider, name, { key_version: 1 + (index % 3) }));
    const elsewhere = namesIn(11, 2).map((name) => credential(provider, name));
    await put([...records, ...elsewhere]);
    await erase([records[0]!, records[1]!, records[4]!]);
    const counts = await scanner.countByVersion(provider, 12);
    expect([...counts].sort(([a], [b]) => a - b)).toStrictEqual([
      [1, 2],
      [2, 1],
      [3, 3],
    ]);
    await expect(scanner.countByVersion(provider, 11)).resolves.toStrictEqual(new Map([[1, 2]]));
  });

  it('knows which shards hold a version in a range', async () => {
    const [inTwo, inSeven, inTen, inFifteen] = [2, 7, 10, 15].map((shard) => namesIn(shard, 1)[0]!);
    const records = [
      credential(provider, inTwo!, { key_version: 1 }),
      credential(provider, inSeven!, { key_version: 2 }),
      credential(provider, inTen!, { key_version: 4 }),
      credential(provider, inFifteen!, { key_version: 1 }),
    ];
    await put(records);
    await erase([records[3]!]);
    await expect(scanner.shardsWith(provider, 1, 3)).resolves.toStrictEqual([2, 7]);
    await expect(scanner.shardsWith(provider, 2, 4)).resolves.toStrictEqual([7, 10]);
    await expect(scanner.shardsWith(provider, 3, 3)).resolves.toStrictEqual([]);
    await expect(scanner.shardsWith(provider, 4, 1)).resolves.toStrictEqual([]);
  });

  it('is unavailable in every method where it does not answer', async () => {
    takeDown();
    const calls = [
      scanner.page(provider, 0, { limit: 1 }),
      scanner.countByVersion(provider, 0),
      scanner.shardsWith(provider, 1, 2),
    ];
    for (const end of await Promise.allSettled<unknown>(calls)) {
      expect(end).toMatchObject({ status: 'rejected', reason: { code: 'store_unavailable' } });
    }
  });
}

/** What the scanner of DynamoDB keeps beyond that. */
export function dynamodbCredentialScannerContract(endpoint: () => DynamoDBEndpoint): void {
  let provider: string;
  beforeEach(() => {
    endpoint().proxy.reset();
    provider = randomName('p');
  });
  const table = (): string => endpoint().tables.credentials;
  const newScanner = (): DynamoDBCredentialScanner =>
    new DynamoDBCredentialScanner({ client: endpoint().newClient(), table: table() });
  const newStore = (): DynamoDBCredentialStore =>
    new DynamoDBCredentialStore({ client: endpoint().direct, table: table() });

  credentialScannerContract(() => ({
    scanner: newScanner(),
    store: newStore(),
    takeDown: () => {
      endpoint().proxy.every('Query', unavailable);
    },
  }));

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

  it('counts on where DynamoDB cuts a read short', async () => {
    // More than one read holds, which is 1 MB.
    const names = namesIn(6, 150);
    const metadata = { padding: 'x'.repeat(8_000) };
    const store = newStore();
    await Promise.all(names.map((name) => store.put(credential(provider, name, { metadata }), 0)));
    const queries = watchCalls(endpoint().proxy, 'Query', provider);
    await expect(newScanner().countByVersion(provider, 6)).resolves.toStrictEqual(new Map([[1, 150]]));
    expect(queries).toHaveLength(2);
    watchCalls(endpoint().proxy, 'Query', provider, pass, unavailable);
    await expect(newScanner().countByVersion(provider, 6)).rejects.toMatchObject({ code: 'store_unavailable' });
    const page = await newScanner().page(provider, 6, { limit: 150 });
    expect(page.credentials.length).toBeLessThan(150);
    expect(page.next).toBe(page.credentials.at(-1)?.name);
  });

  it('counts a credential whose version somebody took out of the table as under none', async () => {
    const [kept, damaged] = namesIn(4, 2);
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
}
