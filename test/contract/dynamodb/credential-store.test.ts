import {
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
  type AttributeValue,
} from '@aws-sdk/client-dynamodb';
import { BY_KEY_VERSION } from '../../../lambdas/core/contract/tables';
import { DynamoDBCredentialStore } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-credential-store';
import { credentialShard, credentialShards } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-tables';
import type {
  CredentialRecord,
  CredentialTombstone,
  DamagedCredential,
} from '../../../lambdas/core/credentials/credential';
import type { ReadRow } from '../../../lambdas/core/credentials/ports/credential-store';
import { keeps } from '../contract';
import { credentialStoreContract } from '../credential-store.contract';
import { newWriteId, randomName } from '../random-name';
import { credential, previousValue, tombstone } from '../stored-credentials';
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

  /** Names in the index, by key version. */
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

  const keyOf = (name: string) => ({ provider_shard: { S: credentialShard(provider, name) }, name: { S: name } });

  /** Edits a row in the table. */
  const edit = (name: string, expression: string, values: Readonly<Record<string, AttributeValue>>) =>
    endpoint().direct.send(
      new UpdateItemCommand({
        TableName: table(),
        Key: keyOf(name),
        UpdateExpression: expression,
        ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
      }),
    );

  /** The row in the table. */
  const raw = async (name: string) =>
    (await endpoint().direct.send(new GetItemCommand({ TableName: table(), Key: keyOf(name), ConsistentRead: true })))
      .Item;

  it.each([
    ['get', 'GetItem'],
    ['list', 'Query'],
    ['listDeleted', 'Query'],
  ] as const)('%s asks for a consistent read only where told', async (method, operation) => {
    const reads: unknown[] = [];
    endpoint().proxy.every(operation, ({ body, forward }) => {
      reads.push((JSON.parse(body) as { ConsistentRead?: boolean }).ConsistentRead);
      return forward();
    });
    for (const consistent of [true, false]) {
      await (method === 'get'
        ? storeOver().get(provider, 'default', consistent)
        : storeOver()[method](provider, { limit: 1, consistent }));
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
    await storeOver().put(first, undefined);
    await storeOver().put({ ...first, write_id: newWriteId() }, first);
    expect(reads).toStrictEqual([true, true]);
  });

  it('reads metadata that somebody broke in the table as none', async () => {
    const store = storeOver();
    const metadata = { a: 'b' };
    await store.put(credential(provider, 'a', { metadata, previous: previousValue({ metadata }) }), undefined);
    for (const broken of [{ S: '{"half' }, { S: '[1]' }, { N: '7' }]) {
      await edit('a', 'SET metadata = :broken, previous.metadata = :broken', { ':broken': broken });
      await expect(store.get(provider, 'a', true)).resolves.toMatchObject({ metadata: {}, previous: { metadata: {} } });
    }
  });

  describe.each([
    ['an update', { revision: 2 }],
    ['a move to another key', {}],
  ] as const)('put of %s', (_what, change) => {
    it.each([
      ['retries an applied write and sees its condition fail', [dropAnswer, pass]],
      ['retries a write that did not arrive', [dropRequest, pass]],
      ['finds the store busy', [unavailable, pass]],
    ] satisfies [string, Fault[]][])('is written where the SDK %s', async (_name, faults) => {
      const before = credential(provider, 'a', { previous: previousValue() });
      await storeOver().put(before, undefined);
      endpoint().proxy.next('PutItem', ...faults);
      const store = storeOver(endpoint().newClient({ maxAttempts: 2 }));
      const after = { ...before, write_id: newWriteId(), ...change };
      await expect(store.put(after, before)).resolves.toBe('written');
      expect(await storeOver().get(provider, 'a', true)).toStrictEqual(after);
    });
  });

  it('put is not known of where the record that was read is gone by then', async () => {
    for (const read of [{ write_id: newWriteId(), revision: 3 }, { revision: 3 }]) {
      endpoint().proxy.next('PutItem', dropRequest);
      await expect(storeOver().put(credential(provider, 'a', { revision: 4 }), read)).resolves.toBe('unknown');
    }
  });

  it('put of a first one is not known of where something came to be there that has lost its revision', async () => {
    endpoint().proxy.next('PutItem', async () => {
      await endpoint().direct.send(
        new PutItemCommand({
          TableName: table(),
          Item: { provider_shard: { S: credentialShard(provider, 'a') }, name: { S: 'a' }, provider: { S: provider } },
        }),
      );
      return 'drop';
    });
    await expect(storeOver().put(credential(provider, 'a'), undefined)).resolves.toBe('unknown');
  });

  it('lets exactly one of many writers win each revision', async () => {
    const stores = Array.from({ length: 8 }, () => storeOver(endpoint().newClient()));
    let read: CredentialRecord | undefined;
    for (let revision = 1; revision <= 5; revision += 1) {
      const records = stores.map(() => credential(provider, 'contested', { revision }));
      const results = await Promise.all(stores.map((store, at) => store.put(records[at]!, read)));
      expect(results.filter((result) => result === 'written')).toHaveLength(1);
      expect(results.filter((result) => result === 'refused')).toHaveLength(7);
      const winner = records[results.indexOf('written')];
      expect(await stores[0]!.get(provider, 'contested', true)).toStrictEqual(winner);
      read = winner;
    }
  });

  it('fills a page of a list from one shard, past deleted names', async () => {
    const store = storeOver();
    const shard = credentialShard(provider, 'seed');
    const names = Array.from({ length: 700 }, (_, at) => `n${at}`)
      .filter((name) => credentialShard(provider, name) === shard)
      .sort();
    const before = (name: string) => ({ write_id: `of-${name}` });
    await Promise.all(names.map((name) => store.put(credential(provider, name, before(name)), undefined)));
    const [first, ...others] = names;
    const gone = others.slice(0, -1);
    await Promise.all(gone.map((name) => store.put(tombstone(provider, name, 2), before(name))));
    const page = await store.list(provider, { limit: 2, consistent: true });
    expect(page.credentials.map(({ name }) => name)).toStrictEqual([first, names.at(-1)]);
    const kept = { previous: previousValue() };
    await store.put(tombstone(provider, first!, 2, kept), before(first!));
    await store.put(tombstone(provider, names.at(-1)!, 2, kept), before(names.at(-1)!));
    const { deleted } = await store.listDeleted(provider, { limit: 2, consistent: true });
    expect(deleted.map(({ name }) => name)).toStrictEqual([first, names.at(-1)]);
  });

  it('keeps an index by key version that holds each row under the lower version of its values', async () => {
    const store = storeOver();
    const put = async <R extends CredentialRecord | CredentialTombstone>(row: R, read?: ReadRow): Promise<R> => {
      await expect(store.put(row, read)).resolves.toBe('written');
      return row;
    };
    await put(credential(provider, 'a'));
    const b = await put(credential(provider, 'b'));
    const c = await put(credential(provider, 'c'));
    const d = await put(credential(provider, 'd'));
    await put(credential(provider, 'b', { revision: 2, key_version: 2 }), b);
    const gone = await put(tombstone(provider, 'c', 2), c);
    await expect(indexed(1)).resolves.toStrictEqual(['a', 'd']);
    await expect(indexed(2)).resolves.toStrictEqual(['b']);
    await put(credential(provider, 'c', { revision: 3, key_version: 2 }), gone);
    await expect(indexed(2)).resolves.toStrictEqual(['b', 'c']);
    const moved = await put({ ...d, write_id: newWriteId(), key_version: 2 }, d);
    await expect(indexed(1)).resolves.toStrictEqual(['a']);
    await expect(indexed(2)).resolves.toStrictEqual(['b', 'c', 'd']);
    const replaced = await put(
      { ...moved, write_id: newWriteId(), previous: previousValue({ key_version: 1 }) },
      moved,
    );
    await expect(indexed(1)).resolves.toStrictEqual(['a', 'd']);
    const previous = previousValue({ key_version: 3 });
    const higher = await put({ ...replaced, write_id: newWriteId(), previous }, replaced);
    await expect(indexed(2)).resolves.toStrictEqual(['b', 'c', 'd']);
    await put(tombstone(provider, 'd', 2, { previous }), higher);
    await expect(indexed(2)).resolves.toStrictEqual(['b', 'c']);
    await expect(indexed(3)).resolves.toStrictEqual(['d']);
  });

  it.each([
    ['the row', 'REMOVE write_id', {}],
    ['its previous value', 'SET previous.hint = :broken', { ':broken': { L: [] } }],
    ['what stands in the place of that', 'SET previous = :broken', { ':broken': { S: 'broken' } }],
  ] as [string, string, Record<string, AttributeValue>][])(
    'names a deleted one among those that can be restored where %s is damaged',
    async (_what, expression, values) => {
      const store = storeOver();
      for (const name of ['a', 'b'])
        await store.put(tombstone(provider, name, 2, { previous: previousValue() }), undefined);
      await edit('a', expression, values);
      const page = { limit: 5, consistent: true };
      await expect(store.listDeleted(provider, page)).resolves.toMatchObject({
        deleted: [{ name: 'b' }],
        damaged: ['a'],
      });
    },
  );

  it('looks at few more rows than a page holds, and at more of a shard where that falls behind', async () => {
    const store = storeOver();
    const names = Array.from({ length: 160 }, (_, at) => `n${String(at).padStart(3, '0')}`);
    await Promise.all(names.map((name) => store.put(credential(provider, name), undefined)));
    const limits: number[] = [];
    endpoint().proxy.every('Query', ({ body, forward }) => {
      limits.push((JSON.parse(body) as { Limit: number }).Limit);
      return forward();
    });
    const page = await store.list(provider, { limit: 40, consistent: true });
    expect(page.credentials.map(({ name }) => name)).toStrictEqual(names.slice(0, 40));
    expect(limits.slice(0, 16).reduce((sum, limit) => sum + limit, 0)).toBeLessThanOrEqual(4 * 40);
    limits.length = 0;
    const whole = await store.list(provider, { limit: 200, consistent: true });
    expect(whole.credentials.map(({ name }) => name)).toStrictEqual(names);
    const behind = Array.from({ length: 200 }, (_, at) => `o${at}`)
      .filter((name) => credentialShard(provider, name) === credentialShard(provider, 'seed'))
      .sort();
    const crowded = randomName('p');
    await Promise.all(behind.map((name) => store.put(credential(crowded, name), undefined)));
    limits.length = 0;
    const alone = await store.list(crowded, { limit: behind.length, consistent: true });
    expect(alone.credentials.map(({ name }) => name)).toStrictEqual(behind);
    expect(limits).toHaveLength(17);
  });

  it('asks for no ciphertext where it lists', async () => {
    const store = storeOver();
    const previous = previousValue({ ciphertext: 'kw1.p.1.PREVIOUS' });
    await store.put(credential(provider, 'a', { ciphertext: 'kw1.p.1.CURRENT', previous }), undefined);
    await store.put(tombstone(provider, 'b', 2, { previous }), undefined);
    const answers: string[] = [];
    endpoint().proxy.every('Query', async ({ forward }) => {
      const answer = await forward();
      answers.push(answer.body);
      return answer;
    });
    const page = { limit: 5, consistent: true };
    await expect(store.list(provider, page)).resolves.toMatchObject({ credentials: [{ name: 'a' }] });
    await expect(store.listDeleted(provider, page)).resolves.toMatchObject({ deleted: [{ name: 'b' }] });
    expect(answers).toHaveLength(32);
    for (const answer of answers) expect(answer).not.toMatch(/CURRENT|PREVIOUS|ciphertext/);
  });

  describe('of a row that another release, or somebody, has written', () => {
    it('writes no member that the release before does not know where there is no previous value', async () => {
      await storeOver().put(credential(provider, 'a'), undefined);
      await storeOver().put(tombstone(provider, 'b', 2), undefined);
      const members = ['ciphertext', 'created_at', 'hint', 'key_version', 'metadata', 'name', 'provider'];
      expect(Object.keys((await raw('a'))!).sort()).toStrictEqual(
        [...members, 'provider_shard', 'revision', 'updated_at', 'write_id'].sort(),
      );
      expect(Object.keys((await raw('b'))!).sort()).toStrictEqual(
        ['deleted_at', 'name', 'provider', 'provider_shard', 'revision', 'write_id'].sort(),
      );
    });

    it('writes the lower version for the index, and that of the current value beside it', async () => {
      const previous = previousValue({ key_version: 1, metadata: { b: 1, a: '🔑' } });
      await storeOver().put(credential(provider, 'a', { key_version: 2, previous }), undefined);
      const item = await raw('a');
      expect(item).toMatchObject({ key_version: { N: '1' }, current_key_version: { N: '2' } });
      expect(item?.['previous']?.M).toMatchObject({ key_version: { N: '1' }, metadata: { S: '{"a":"🔑","b":1}' } });
    });

    it('keeps members that a later release adds, of the row and of its previous value', async () => {
      const later = { later: 'member' };
      const previous = { ...previousValue(), ...later };
      const row = { ...credential(provider, 'a'), ...later, previous };
      await storeOver().put(row, undefined);
      expect(await storeOver().get(provider, 'a', true)).toStrictEqual(row);
    });

    it.each([
      ['its version', 'REMOVE previous.key_version', {}],
      ['its revision', 'SET previous.revision = :broken', { ':broken': { S: 'one' } }],
      ['its time', 'SET previous.replaced_at = :broken', { ':broken': { S: 'yesterday' } }],
      ['its hint', 'REMOVE previous.hint', {}],
      ['its dates', 'SET previous.created_at = :broken', { ':broken': { N: '1' } }],
      ['all of it', 'SET previous = :broken', { ':broken': { L: [{ S: 'a' }, { N: '1' }] } }],
    ] as [string, string, Record<string, AttributeValue>][])(
      'writes a previous value back as it is that has lost %s',
      async (_what, expression, values) => {
        const before = credential(provider, 'a', { key_version: 2, previous: previousValue({ key_version: 2 }) });
        await storeOver().put(before, undefined);
        await edit('a', expression, values);
        const edited = await raw('a');
        const found = await storeOver().get(provider, 'a', true);
        expect(found).toMatchObject({ revision: 1, key_version: 2, previous: { damaged: true } });
        const next = { ...(found as CredentialRecord), write_id: newWriteId(), revision: 2, key_version: 3 };
        await expect(storeOver().put(next, found)).resolves.toBe('written');
        expect((await raw('a'))?.['previous']).toStrictEqual(edited?.['previous']);
        expect(await storeOver().get(provider, 'a', true)).toStrictEqual(next);
      },
    );

    it.each([
      ['its write', 'REMOVE write_id', {}, { revision: 4 }],
      ['a write that is text', 'SET write_id = :broken', { ':broken': { N: '7' } }, { revision: 4 }],
      ['a write that has letters', 'SET write_id = :broken', { ':broken': { S: '' } }, { revision: 4 }],
      ['its revision', 'REMOVE revision', {}, { write_id: 'w' }],
      ['its version', 'REMOVE key_version, current_key_version', {}, { revision: 4, write_id: 'w' }],
      ['its hint', 'SET hint = :broken', { ':broken': { N: '7' } }, { revision: 4, write_id: 'w' }],
    ] as [string, string, Record<string, AttributeValue>, ReadRow][])(
      'replaces a row that has lost %s by what is left, and keeps the rest as it is',
      async (_what, expression, values, left) => {
        const previous = previousValue({ key_version: 2 });
        const before = credential(provider, 'a', { revision: 4, write_id: 'w', key_version: 2, previous });
        await storeOver().put(before, undefined);
        await edit('a', expression, values);
        const edited = await raw('a');
        const found = (await storeOver().get(provider, 'a', true)) as DamagedCredential;
        expect(found).toMatchObject({ damaged: true, ...left, previous });
        const moved = {
          ...found,
          write_id: newWriteId(),
          previous: { ...previous, key_version: 3, ciphertext: 'new' },
        };
        await expect(storeOver().put(moved, found)).resolves.toBe('written');
        const {
          write_id: writeId,
          previous: written,
          key_version: _,
          current_key_version: __,
          ...rest
        } = (await raw('a'))!;
        expect(writeId).toStrictEqual({ S: moved.write_id });
        expect(written?.M).toMatchObject({ key_version: { N: '3' }, ciphertext: { S: 'new' } });
        expect(edited).toMatchObject(rest);
        await expect(storeOver().put(moved, found)).resolves.toBe('written');
        await expect(storeOver().put({ ...moved, write_id: newWriteId() }, found)).resolves.toBe('refused');
      },
    );

    it('has the index find a row whose version is lost under whatever stands there', async () => {
      const previous = previousValue({ key_version: 1 });
      const before = credential(provider, 'a', { key_version: 2, previous });
      await storeOver().put(before, undefined);
      await edit('a', 'SET current_key_version = :broken', { ':broken': { S: 'two' } });
      const found = (await storeOver().get(provider, 'a', true)) as DamagedCredential;
      expect(found).toMatchObject({ damaged: true, key_version: 0 });
      const moved = { ...found, write_id: newWriteId(), previous: { ...previous, key_version: 3 } };
      await expect(storeOver().put(moved, found)).resolves.toBe('written');
      await expect(indexed(1)).resolves.toStrictEqual(['a']);
    });
  });

  it('puts keys alone into the index', async () => {
    await storeOver().put(credential(provider, 'a', { previous: previousValue({ key_version: 2 }) }), undefined);
    const { Items = [] } = await endpoint().direct.send(
      new ScanCommand({ TableName: table(), IndexName: BY_KEY_VERSION }),
    );
    for (const item of Items) expect(Object.keys(item).sort()).toStrictEqual(['key_version', 'name', 'provider_shard']);
    expect(Items.length).toBeGreaterThan(0);
  });
});
