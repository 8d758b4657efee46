import { DeleteItemCommand, GetItemCommand, PutItemCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { DynamoDBDekRotationStore } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-dek-rotation-store';
import { dekRotationShardItem, dekRotationShardsScope } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-tables';
import type { DekRotationReport, ShardProgress } from '../../../lambdas/core/dek-rotation/dek-rotation-report';
import type { DekRotationStore } from '../../../lambdas/core/dek-rotation/ports/dek-rotation-store';
import { keeps } from '../contract';
import { newWriteId, randomName } from '../random-name';
import { AT, newDekRotationId, progress, report } from '../dek-rotation-records';
import { dekRotationStoreContract } from '../dek-rotation-store.contract';
import { dropAnswer, dropRequest, pass, unavailable, type Fault } from './faulty-proxy';
import { faultsOf, useDynamoDB } from './use-dynamodb';

const endpoint = useDynamoDB();
const table = (): string => endpoint().tables.rotations;
const storeOver = (client = endpoint().client): DynamoDBDekRotationStore =>
  new DynamoDBDekRotationStore({ client, table: table() });
const newStore = (maxAttempts: number): DynamoDBDekRotationStore => storeOver(endpoint().newClient({ maxAttempts }));
const erase = (scope: string, item: string): Promise<unknown> =>
  endpoint().direct.send(
    new DeleteItemCommand({ TableName: table(), Key: { scope: { S: scope }, item: { S: item } } }),
  );
const forgetIntentsClosedTo = (): Promise<unknown> => erase('-', 'intents-closed-to');

keeps('DynamoDBDekRotationStore', dekRotationStoreContract, () => ({
  port: storeOver(),
  rival: storeOver(endpoint().direct),
  faults: faultsOf(endpoint().proxy),
  forgetIntentsClosedTo,
}));

describe('beyond the contract', () => {
  let provider: string;
  beforeEach(() => {
    provider = randomName('p');
  });

  it('reads consistently', async () => {
    const consistent: unknown[] = [];
    const note: Fault = ({ body, forward }) => {
      consistent.push((JSON.parse(body) as { ConsistentRead?: boolean }).ConsistentRead);
      return forward();
    };
    endpoint().proxy.every('GetItem', note);
    endpoint().proxy.every('Query', note);
    const store = storeOver();
    await store.report(provider, newDekRotationId());
    await store.reports(provider, { limit: 1 });
    await store.reports(provider, { limit: 1, before: newDekRotationId() });
    await store.shard(provider, newDekRotationId(), 0);
    await store.shards(provider, newDekRotationId());
    await store.intentsClosedTo();
    expect(consistent).toStrictEqual(Array.from({ length: 6 }, () => true));
  });

  it('goes on where DynamoDB cuts a read short', async () => {
    const store = storeOver();
    // More than one read holds (1 MB): 12 × 100 names of 1,000 characters.
    const failures = Array.from({ length: 100 }, () => 'x'.repeat(1_000));
    const rotation_id = newDekRotationId();
    const shards = Array.from({ length: 12 }, (_, shard) => progress({ provider, rotation_id, shard, failures }));
    await Promise.all(shards.map((each) => store.putShard(each, 0)));
    const reports = shards.map((_, index) =>
      report({ provider, rotation_id: newDekRotationId(index), reason: failures.join('') }),
    );
    await Promise.all(reports.map((each) => store.putReport(each, 0)));
    endpoint().proxy.reset();
    await expect(store.shards(provider, rotation_id)).resolves.toStrictEqual(shards);
    expect(endpoint().proxy.calls.get('Query')).toBe(2);
    await expect(store.reports(provider, { limit: 11 })).resolves.toStrictEqual([...reports].reverse().slice(0, 11));
  });

  describe('a row that somebody has edited', () => {
    const EDITS: readonly (readonly [member: string, to: AttributeValue | undefined])[] = [
      ['revision', undefined],
      ['revision', { S: 'x' }],
      ['revision', { N: '12345678901234567890' }],
      ['revision', { NULL: true }],
      ['write_id', { L: [{ S: 'x' }] }],
      ['write_id', undefined],
      ['started_at', { M: {} }],
      ['provider', { S: 'another' }],
    ];

    /** Replaces one attribute of the row under a key. */
    async function edit(Key: Record<string, AttributeValue>, [member, to]: (typeof EDITS)[number]): Promise<void> {
      const { Item = {} } = await endpoint().direct.send(
        new GetItemCommand({ TableName: table(), Key, ConsistentRead: true }),
      );
      const { [member]: _, ...others } = Item;
      const edited = to === undefined ? others : { ...others, [member]: to };
      await endpoint().direct.send(new PutItemCommand({ TableName: table(), Item: edited }));
    }

    it.each(EDITS)(
      'of a report (%s: %j) is named, hides no other, and the next first write replaces it',
      async (...each) => {
        const store = storeOver();
        const reports = [1, 2, 3].map((ms) => report({ provider, rotation_id: newDekRotationId(ms) }));
        await Promise.all(reports.map((each) => store.putReport(each, 0)));
        const [oldest, victim, newest] = reports as [DekRotationReport, DekRotationReport, DekRotationReport];
        const left = { provider, rotation_id: victim.rotation_id, damaged: true };
        await edit({ scope: { S: provider }, item: { S: victim.rotation_id } }, each);
        await expect(store.report(provider, victim.rotation_id)).resolves.toStrictEqual(left);
        await expect(store.reports(provider, { limit: 5 })).resolves.toStrictEqual([newest, left, oldest]);
        const mended = { ...victim, write_id: newWriteId() };
        await expect(store.putReport(mended, 0)).resolves.toBe('written');
        await expect(store.report(provider, victim.rotation_id)).resolves.toStrictEqual(mended);
        await expect(store.putReport({ ...victim, write_id: newWriteId() }, 0)).resolves.toBe('refused');
      },
    );

    it.each(EDITS)(
      'of a shard (%s: %j) counts as not begun, hides no other, and the next first write replaces it',
      async (...each) => {
        const store = storeOver();
        const rotation_id = newDekRotationId();
        const [kept, victim] = [0, 1].map((shard) => progress({ provider, rotation_id, shard })) as [
          ShardProgress,
          ShardProgress,
        ];
        await store.putShard(kept, 0);
        await store.putShard(victim, 0);
        await edit(
          { scope: { S: dekRotationShardsScope(provider, rotation_id) }, item: { S: dekRotationShardItem(1) } },
          each,
        );
        await expect(store.shard(provider, rotation_id, 1)).resolves.toBeUndefined();
        await expect(store.shards(provider, rotation_id)).resolves.toStrictEqual([kept]);
        const mended = { ...victim, write_id: newWriteId() };
        await expect(store.putShard(mended, 0)).resolves.toBe('written');
        await expect(store.shard(provider, rotation_id, 1)).resolves.toStrictEqual(mended);
      },
    );

    it('of the time up to which intents are closed: counts as none, and the next one replaces it', async () => {
      await forgetIntentsClosedTo();
      const store = storeOver();
      const Key = { scope: { S: '-' }, item: { S: 'intents-closed-to' } };
      const values: (AttributeValue | undefined)[] = [{ S: 'zzz' }, { N: '5' }, { NULL: true }, { L: [] }, undefined];
      for (const to of values) {
        await store.noteIntentsClosedTo('2026-11-21T09:00:00.000Z');
        await edit(Key, ['closed_to', to]);
        await expect(store.intentsClosedTo()).resolves.toBeUndefined();
        await store.noteIntentsClosedTo('2026-11-21T10:00:00.000Z');
        await expect(store.intentsClosedTo()).resolves.toBe('2026-11-21T10:00:00.000Z');
        await forgetIntentsClosedTo();
      }
    });

    it('of a report is replaced by a condition on what was found: what somebody else has mended meanwhile stays', async () => {
      const victim = report({ provider });
      await storeOver().putReport(victim, 0);
      await edit({ scope: { S: provider }, item: { S: victim.rotation_id } }, ['started_at', { M: {} }]);
      const [ours, theirs] = [1, 2].map(() => ({ ...victim, write_id: newWriteId() })) as [
        DekRotationReport,
        DekRotationReport,
      ];
      endpoint().proxy.next('PutItem', pass, async ({ forward }) => {
        await storeOver(endpoint().direct).putReport(theirs, 0);
        return forward();
      });
      await expect(storeOver().putReport(ours, 0)).resolves.toBe('refused');
      await expect(storeOver().report(provider, victim.rotation_id)).resolves.toStrictEqual(theirs);
    });

    it('of the time up to which intents are closed is replaced by a condition on what was found', async () => {
      await forgetIntentsClosedTo();
      await storeOver().noteIntentsClosedTo(AT);
      await edit({ scope: { S: '-' }, item: { S: 'intents-closed-to' } }, ['closed_to', { S: 'zzz' }]);
      const [ours, theirs] = ['2026-11-21T10:00:00.000Z', '2026-11-21T11:00:00.000Z'] as const;
      endpoint().proxy.next('PutItem', pass, async ({ forward }) => {
        await storeOver(endpoint().direct).noteIntentsClosedTo(theirs);
        return forward();
      });
      await storeOver().noteIntentsClosedTo(ours);
      await expect(storeOver().intentsClosedTo()).resolves.toBe(theirs);
    });
  });

  it('marks nothing for TTL', async () => {
    const one = report({ provider });
    await storeOver().putReport(one, 0);
    const Key = { scope: { S: provider }, item: { S: one.rotation_id } };
    const { Item = {} } = await endpoint().direct.send(
      new GetItemCommand({ TableName: table(), Key, ConsistentRead: true }),
    );
    expect(Object.keys(Item).sort()).toStrictEqual([...Object.keys(one), 'scope', 'item'].sort());
  });

  describe.each(['report', 'shard'] as const)('a %s', (kind) => {
    const id = newDekRotationId();
    const newRecord = (revision: number): DekRotationReport | ShardProgress =>
      kind === 'report'
        ? report({ provider, rotation_id: id, revision })
        : progress({ provider, rotation_id: id, shard: 7, revision });
    const put = (store: DekRotationStore, record: DekRotationReport | ShardProgress, expected: number) =>
      'shard' in record ? store.putShard(record, expected) : store.putReport(record, expected);
    const get = (store: DekRotationStore) =>
      kind === 'report' ? store.report(provider, id) : store.shard(provider, id, 7);
    const [scope, item] = [() => (kind === 'report' ? provider : `${provider}#${id}`), kind === 'report' ? id : '07'];

    it.each([
      ['retries an applied write and sees its condition fail', [dropAnswer, pass]],
      ['retries a write that did not arrive', [dropRequest, pass]],
      ['finds the store busy', [unavailable, pass]],
    ] satisfies [string, Fault[]][])('is written where the SDK %s', async (_name, faults) => {
      const [first, second] = [newRecord(1), newRecord(2)];
      endpoint().proxy.next('PutItem', ...faults);
      await expect(put(newStore(2), first, 0)).resolves.toBe('written');
      endpoint().proxy.next('PutItem', ...faults);
      await expect(put(newStore(2), second, 1)).resolves.toBe('written');
      expect(await get(storeOver())).toStrictEqual(second);
    });

    it('is not known of, where another record is there by then', async () => {
      endpoint().proxy.next('PutItem', async ({ forward }) => {
        await forward();
        const Item = { scope: { S: scope() }, item: { S: item }, revision: { N: '5' }, write_id: { S: newWriteId() } };
        await endpoint().direct.send(new PutItemCommand({ TableName: table(), Item }));
        return 'drop';
      });
      await expect(put(storeOver(), newRecord(1), 0)).resolves.toBe('unknown');
    });

    it('is not known of, where the SDK retried and the record is gone by then', async () => {
      endpoint().proxy.next('PutItem', dropAnswer, async ({ forward }) => {
        const answer = await forward();
        await erase(scope(), item);
        return answer;
      });
      await expect(put(newStore(2), newRecord(1), 0)).resolves.toBe('unknown');
    });

    it('is sent twice and no more', async () => {
      endpoint().proxy.every('PutItem', dropRequest);
      await expect(put(storeOver(), newRecord(1), 0)).rejects.toMatchObject({ code: 'store_unavailable' });
      expect(endpoint().proxy.calls.get('PutItem')).toBe(2);
      await expect(get(storeOver())).resolves.toBeUndefined();
    });
  });

  it.each([
    ['retries a write that was applied', [dropAnswer, pass]],
    ['retries one that did not arrive', [dropRequest, pass]],
  ])('the time up to which intents are closed is noted when the SDK %s', async (_name, faults) => {
    await forgetIntentsClosedTo();
    endpoint().proxy.next('PutItem', ...faults);
    await expect(newStore(2).noteIntentsClosedTo(AT)).resolves.toBeUndefined();
    await expect(storeOver().intentsClosedTo()).resolves.toBe(AT);
  });

  it('the time up to which intents are closed is not known to be noted after a lost request', async () => {
    await forgetIntentsClosedTo();
    endpoint().proxy.next('PutItem', dropRequest);
    await expect(storeOver().noteIntentsClosedTo(AT)).rejects.toMatchObject({ code: 'store_unavailable' });
    await expect(storeOver().intentsClosedTo()).resolves.toBeUndefined();
  });
});
