import { randomBytes } from 'node:crypto';
import { DeleteItemCommand, GetItemCommand, PutItemCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { DynamoDBRotationStore } from '../../lambdas/adapters/aws/dynamodb-rotation-store';
import { rotationShardItem, rotationShardsScope } from '../../lambdas/adapters/aws/dynamodb-tables';
import type { RotationReport, ShardProgress, StoredReport } from '../../lambdas/core/domain/rotation-report';
import type { RotationStore } from '../../lambdas/core/ports/rotation-store';
import { randomName, type DynamoDBEndpoint } from './dynamodb-endpoint';
import { dropAnswer, dropRequest, pass, unavailable, type Fault } from './faulty-proxy';

const AT = '2026-11-21T09:00:00.000Z';
const START = Date.parse(AT);

const writeId = (): string => randomBytes(16).toString('hex');
/** Of a rotation that started so many milliseconds after another one. */
const rotationId = (ms = 0): string => (START + ms).toString(16).padStart(12, '0') + randomBytes(10).toString('hex');

const report = (change: Partial<RotationReport> & { provider: string }): RotationReport => ({
  rotation_id: rotationId(),
  revision: 1,
  write_id: writeId(),
  status: 'publishing',
  version: 2,
  from_version: 1,
  emergency: false,
  reason: null,
  started_by: 'keyward:sweep',
  started_at: AT,
  promoted_at: null,
  grace_until: null,
  ended_at: null,
  proofs: {},
  acknowledged: {},
  unproved_regions: [],
  ...change,
});

const progress = (change: Partial<ShardProgress> & { provider: string; rotation_id: string }): ShardProgress => ({
  shard: 0,
  revision: 1,
  write_id: writeId(),
  phase: 'moving',
  pass: 1,
  pass_started_at: AT,
  after: null,
  total: 0,
  moved: 0,
  skipped: 0,
  failed: 0,
  failures: [],
  started_at: AT,
  updated_at: AT,
  ...change,
});

export interface RotationStoreUnderTest {
  readonly store: RotationStore;
  /** Makes that store fail from now on. */
  readonly takeDown: () => void;
}

/** What every RotationStore keeps. Each store that is opened is empty but for what other providers have. */
export function rotationStoreContract(open: () => RotationStoreUnderTest): void {
  let provider: string;
  let store: RotationStore;
  let takeDown: () => void;
  beforeEach(() => {
    provider = randomName('p');
    ({ store, takeDown } = open());
  });

  describe('reports', () => {
    it('has none of a rotation that it was not told of', async () => {
      await expect(store.report(provider, rotationId())).resolves.toBeUndefined();
      await expect(store.reports(provider, { limit: 5 })).resolves.toStrictEqual([]);
    });

    it('returns one exactly as it was put, with as little and as much as there can be in it', async () => {
      const sparse = report({ provider });
      const full = report({
        provider,
        revision: 1,
        status: 'completed_with_failures',
        emergency: true,
        reason: 'a key was leaked',
        started_by: 'arn:aws:iam::000000000000:user/tester',
        idempotency: { key_sha256: 'a'.repeat(64), request_sha256: 'b'.repeat(64) },
        takeover: { by: 'an operator', at: AT, reason: 'leaked' },
        promoted_at: AT,
        grace_until: AT,
        ended_at: AT,
        proofs: { 'us-east-1': { proved_at: AT, revision: 2, kek_id: 'a'.repeat(32) } },
        acknowledged: { 'us-east-1': AT, 'eu-west-1': AT },
        unproved_regions: ['ap-south-1'],
      });
      for (const each of [sparse, full]) {
        await expect(store.putReport(each, 0)).resolves.toBe('written');
        expect(await store.report(provider, each.rotation_id)).toStrictEqual(each);
      }
    });

    it('replaces what was read, and nothing else', async () => {
      const first = report({ provider });
      const second = { ...first, revision: 2, write_id: writeId(), status: 'rekeying' as const };
      await expect(store.putReport(second, 1)).resolves.toBe('refused');
      await expect(store.putReport(first, 0)).resolves.toBe('written');
      await expect(store.putReport({ ...first, write_id: writeId() }, 0)).resolves.toBe('refused');
      await expect(store.putReport(second, 1)).resolves.toBe('written');
      await expect(store.putReport({ ...second, write_id: writeId() }, 1)).resolves.toBe('refused');
      expect(await store.report(provider, first.rotation_id)).toStrictEqual(second);
    });

    it('lets exactly one of many writers win each revision', async () => {
      const first = report({ provider });
      for (const revision of [1, 2, 3]) {
        const rivals = Array.from({ length: 8 }, () => ({ ...first, revision, write_id: writeId() }));
        const results = await Promise.all(rivals.map((rival) => store.putReport(rival, revision - 1)));
        expect(results.filter((result) => result === 'written')).toHaveLength(1);
        expect(results.filter((result) => result === 'refused')).toHaveLength(7);
        expect(await store.report(provider, first.rotation_id)).toStrictEqual(rivals[results.indexOf('written')]);
      }
    });

    it('lists them newest first, page by page, and those of one provider alone', async () => {
      const reports = [4, 0, 2, 3, 1].map((ms) => report({ provider, rotation_id: rotationId(ms) }));
      await Promise.all(reports.map((each) => store.putReport(each, 0)));
      await store.putReport(report({ provider: `${provider}-x` }), 0);
      await store.putShard(progress({ provider, rotation_id: reports[0]!.rotation_id }), 0);
      const newest = [...reports].sort((a, b) => (a.rotation_id < b.rotation_id ? 1 : -1));
      await expect(store.reports(provider, { limit: 5 })).resolves.toStrictEqual(newest);
      await expect(store.reports(provider, { limit: 100 })).resolves.toStrictEqual(newest);
      const read: StoredReport[] = [];
      for (let before: string | undefined; ; before = read.at(-1)?.rotation_id) {
        const page = await store.reports(provider, { limit: 2, ...(before !== undefined && { before }) });
        expect(page.length).toBeLessThanOrEqual(2);
        if (page.length === 0) break;
        read.push(...page);
      }
      expect(read).toStrictEqual(newest);
    });

    it('begins below an id that need not exist', async () => {
      const [older, newer] = [
        report({ provider, rotation_id: rotationId(1) }),
        report({ provider, rotation_id: rotationId(3) }),
      ];
      await store.putReport(older, 0);
      await store.putReport(newer, 0);
      await expect(store.reports(provider, { before: rotationId(2), limit: 5 })).resolves.toStrictEqual([older]);
      await expect(store.reports(provider, { before: rotationId(0), limit: 5 })).resolves.toStrictEqual([]);
    });
  });

  describe('shards', () => {
    it('has none that has not begun', async () => {
      await expect(store.shard(provider, rotationId(), 3)).resolves.toBeUndefined();
      await expect(store.shards(provider, rotationId())).resolves.toStrictEqual([]);
    });

    it('returns them exactly as they were put, in the order of their numbers, of one rotation alone', async () => {
      const [rotation_id, other] = [rotationId(), rotationId()];
      const shards = [15, 2, 0, 10, 9, 1].map((shard) =>
        progress({
          provider,
          rotation_id,
          shard,
          after: `name-${shard}`,
          total: shard,
          failures: ['a', 'b'],
          failed: 2,
        }),
      );
      for (const each of shards) await expect(store.putShard(each, 0)).resolves.toBe('written');
      await store.putShard(progress({ provider, rotation_id: other, shard: 3 }), 0);
      await store.putShard(progress({ provider: `${provider}-x`, rotation_id, shard: 4 }), 0);
      await expect(store.shards(provider, rotation_id)).resolves.toStrictEqual(
        [...shards].sort((a, b) => a.shard - b.shard),
      );
      for (const each of shards) expect(await store.shard(provider, rotation_id, each.shard)).toStrictEqual(each);
      await expect(store.shard(provider, rotation_id, 3)).resolves.toBeUndefined();
    });

    it('replaces what was read, and nothing else', async () => {
      const first = progress({ provider, rotation_id: rotationId() });
      const second = { ...first, revision: 2, write_id: writeId(), after: 'b', moved: 2 };
      await expect(store.putShard(second, 1)).resolves.toBe('refused');
      await expect(store.putShard(first, 0)).resolves.toBe('written');
      await expect(store.putShard({ ...first, write_id: writeId() }, 0)).resolves.toBe('refused');
      await expect(store.putShard(second, 1)).resolves.toBe('written');
      await expect(store.putShard({ ...second, write_id: writeId() }, 1)).resolves.toBe('refused');
      expect(await store.shard(provider, first.rotation_id, 0)).toStrictEqual(second);
    });
  });

  it('is unavailable in every method where it does not answer', async () => {
    takeDown();
    const rotation_id = rotationId();
    const calls = [
      store.report(provider, rotation_id),
      store.reports(provider, { limit: 1 }),
      store.putReport(report({ provider }), 0),
      store.shard(provider, rotation_id, 0),
      store.shards(provider, rotation_id),
      store.putShard(progress({ provider, rotation_id }), 0),
      store.intentsClosedTo(),
      store.noteIntentsClosedTo(AT),
    ];
    for (const end of await Promise.allSettled(calls)) {
      expect(end).toMatchObject({ status: 'rejected', reason: { code: 'store_unavailable' } });
    }
  });
}

/** Of a store that has never been told up to when intents are closed. */
export function intentsClosedToContract(open: () => RotationStore): void {
  it('knows up to when intents are closed; the latest time wins, whatever the order', async () => {
    const store = open();
    await expect(store.intentsClosedTo()).resolves.toBeUndefined();
    await store.noteIntentsClosedTo('2026-11-21T09:00:00.000Z');
    await expect(store.intentsClosedTo()).resolves.toBe('2026-11-21T09:00:00.000Z');
    await store.noteIntentsClosedTo('2026-11-21T08:59:59.999Z');
    await expect(store.intentsClosedTo()).resolves.toBe('2026-11-21T09:00:00.000Z');
    const times = [3, 1, 5, 2, 4].map((minute) => `2026-11-21T10:0${minute}:00.000Z`);
    await Promise.all(times.map((time) => store.noteIntentsClosedTo(time)));
    await expect(store.intentsClosedTo()).resolves.toBe('2026-11-21T10:05:00.000Z');
  });
}

/** What the store in DynamoDB keeps beyond that. */
export function dynamodbRotationStoreContract(endpoint: () => DynamoDBEndpoint): void {
  let provider: string;
  beforeEach(() => {
    endpoint().proxy.reset();
    provider = randomName('p');
  });
  const table = (): string => endpoint().tables.rotations;
  const newStore = (maxAttempts = 1): DynamoDBRotationStore =>
    new DynamoDBRotationStore({ client: endpoint().newClient({ maxAttempts }), table: table() });

  rotationStoreContract(() => ({
    store: newStore(),
    takeDown: () => {
      for (const operation of ['GetItem', 'PutItem', 'Query']) endpoint().proxy.every(operation, unavailable);
    },
  }));

  it('reads consistently', async () => {
    const consistent: unknown[] = [];
    const note: Fault = ({ body, forward }) => {
      consistent.push((JSON.parse(body) as { ConsistentRead?: boolean }).ConsistentRead);
      return forward();
    };
    endpoint().proxy.every('GetItem', note);
    endpoint().proxy.every('Query', note);
    const store = newStore();
    await store.report(provider, rotationId());
    await store.reports(provider, { limit: 1 });
    await store.reports(provider, { limit: 1, before: rotationId() });
    await store.shard(provider, rotationId(), 0);
    await store.shards(provider, rotationId());
    await store.intentsClosedTo();
    expect(consistent).toStrictEqual(Array.from({ length: 6 }, () => true));
  });

  it('goes on where DynamoDB cuts a read short', async () => {
    const store = newStore();
    // More than one read holds, which is 1 MB: 12 × 100 names of 1,000 characters.
    const failures = Array.from({ length: 100 }, () => 'x'.repeat(1_000));
    const rotation_id = rotationId();
    const shards = Array.from({ length: 12 }, (_, shard) => progress({ provider, rotation_id, shard, failures }));
    await Promise.all(shards.map((each) => store.putShard(each, 0)));
    const reports = shards.map((_, index) =>
      report({ provider, rotation_id: rotationId(index), reason: failures.join('') }),
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

    /** What is stored under a key, with one attribute made into something else. */
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
        const store = newStore();
        const reports = [1, 2, 3].map((ms) => report({ provider, rotation_id: rotationId(ms) }));
        await Promise.all(reports.map((each) => store.putReport(each, 0)));
        const [oldest, victim, newest] = reports as [RotationReport, RotationReport, RotationReport];
        const left = { provider, rotation_id: victim.rotation_id, damaged: true };
        await edit({ scope: { S: provider }, item: { S: victim.rotation_id } }, each);
        await expect(store.report(provider, victim.rotation_id)).resolves.toStrictEqual(left);
        await expect(store.reports(provider, { limit: 5 })).resolves.toStrictEqual([newest, left, oldest]);
        const mended = { ...victim, write_id: writeId() };
        await expect(store.putReport(mended, 0)).resolves.toBe('written');
        await expect(store.report(provider, victim.rotation_id)).resolves.toStrictEqual(mended);
        await expect(store.putReport({ ...victim, write_id: writeId() }, 0)).resolves.toBe('refused');
      },
    );

    it.each(EDITS)(
      'of a shard (%s: %j) counts as not begun, hides no other, and the next first write replaces it',
      async (...each) => {
        const store = newStore();
        const rotation_id = rotationId();
        const [kept, victim] = [0, 1].map((shard) => progress({ provider, rotation_id, shard })) as [
          ShardProgress,
          ShardProgress,
        ];
        await store.putShard(kept, 0);
        await store.putShard(victim, 0);
        await edit(
          { scope: { S: rotationShardsScope(provider, rotation_id) }, item: { S: rotationShardItem(1) } },
          each,
        );
        await expect(store.shard(provider, rotation_id, 1)).resolves.toBeUndefined();
        await expect(store.shards(provider, rotation_id)).resolves.toStrictEqual([kept]);
        const mended = { ...victim, write_id: writeId() };
        await expect(store.putShard(mended, 0)).resolves.toBe('written');
        await expect(store.shard(provider, rotation_id, 1)).resolves.toStrictEqual(mended);
      },
    );

    it('of the time up to which intents are closed: counts as none, and the next one replaces it', async () => {
      const store = newStore();
      const Key = { scope: { S: '-' }, item: { S: 'intents-closed-to' } };
      const values: (AttributeValue | undefined)[] = [{ S: 'zzz' }, { N: '5' }, { NULL: true }, { L: [] }, undefined];
      for (const to of values) {
        await store.noteIntentsClosedTo('2026-11-21T09:00:00.000Z');
        await edit(Key, ['closed_to', to]);
        await expect(store.intentsClosedTo()).resolves.toBeUndefined();
        await store.noteIntentsClosedTo('2026-11-21T10:00:00.000Z');
        await expect(store.intentsClosedTo()).resolves.toBe('2026-11-21T10:00:00.000Z');
        await endpoint().direct.send(new DeleteItemCommand({ TableName: table(), Key }));
      }
    });
  });

  it('marks nothing for TTL', async () => {
    const store = newStore();
    const one = report({ provider });
    await store.putReport(one, 0);
    const Key = { scope: { S: provider }, item: { S: one.rotation_id } };
    const { Item = {} } = await endpoint().direct.send(
      new GetItemCommand({ TableName: table(), Key, ConsistentRead: true }),
    );
    expect(Object.keys(Item).sort()).toStrictEqual([...Object.keys(one), 'scope', 'item'].sort());
  });

  describe.each(['report', 'shard'] as const)('when answers to a %s are lost', (kind) => {
    const id = rotationId();
    const newRecord = (revision: number): RotationReport | ShardProgress =>
      kind === 'report'
        ? report({ provider, rotation_id: id, revision })
        : progress({ provider, rotation_id: id, shard: 7, revision });
    const put = (store: RotationStore, record: RotationReport | ShardProgress, expected: number) =>
      'shard' in record ? store.putShard(record, expected) : store.putReport(record, expected);
    const get = (store: RotationStore) =>
      kind === 'report' ? store.report(provider, id) : store.shard(provider, id, 7);
    const key = () => ({
      scope: { S: kind === 'report' ? provider : `${provider}#${id}` },
      item: { S: kind === 'report' ? id : '07' },
    });
    /** Another writer's record, past any condition. */
    const overwrite = (revision: number): Promise<unknown> =>
      endpoint().direct.send(
        new PutItemCommand({
          TableName: table(),
          Item: { ...key(), revision: { N: String(revision) }, write_id: { S: writeId() } },
        }),
      );

    it.each([
      ['the answer to an applied write is lost', 1, [dropAnswer]],
      ['the SDK retries an applied write and sees its condition fail', 2, [dropAnswer, pass]],
      ['the SDK retries a write that did not arrive', 2, [dropRequest, pass]],
      ['the write did not arrive', 1, [dropRequest, pass]],
      ['the store was busy once', 1, [unavailable, pass]],
      ['the second write is applied and its answer is lost, too', 1, [dropRequest, dropAnswer]],
    ] satisfies [string, number, Fault[]][])('%s: it is written', async (_name, maxAttempts, faults) => {
      const [first, second] = [newRecord(1), newRecord(2)];
      endpoint().proxy.next('PutItem', ...faults);
      await expect(put(newStore(maxAttempts), first, 0)).resolves.toBe('written');
      endpoint().proxy.next('PutItem', ...faults);
      await expect(put(newStore(maxAttempts), second, 1)).resolves.toBe('written');
      expect(await get(newStore())).toStrictEqual(second);
    });

    it('does not know, where another record is there by then', async () => {
      endpoint().proxy.next('PutItem', async ({ forward }) => {
        await forward();
        await overwrite(5);
        return 'drop';
      });
      await expect(put(newStore(), newRecord(1), 0)).resolves.toBe('unknown');
    });

    it('does not know, where the SDK retried and the record is gone by then', async () => {
      endpoint().proxy.next('PutItem', dropAnswer, async ({ forward }) => {
        const answer = await forward();
        await endpoint().direct.send(new DeleteItemCommand({ TableName: table(), Key: key() }));
        return answer;
      });
      await expect(put(newStore(2), newRecord(1), 0)).resolves.toBe('unknown');
    });

    it('fails where no write arrives, after a second one', async () => {
      endpoint().proxy.every('PutItem', dropRequest);
      await expect(put(newStore(), newRecord(1), 0)).rejects.toMatchObject({ code: 'store_unavailable' });
      expect(endpoint().proxy.calls.get('PutItem')).toBe(2);
      await expect(get(newStore())).resolves.toBeUndefined();
    });

    it('fails where what is stored cannot be read, although it was written', async () => {
      const record = newRecord(1);
      endpoint().proxy.next('PutItem', dropAnswer);
      endpoint().proxy.every('GetItem', unavailable);
      await expect(put(newStore(), record, 0)).rejects.toMatchObject({ code: 'store_unavailable' });
      endpoint().proxy.reset();
      expect(await get(newStore())).toStrictEqual(record);
    });
  });

  describe('the time up to which intents are closed', () => {
    // A table has one for all tests.
    beforeEach(() => {
      const Key = { scope: { S: '-' }, item: { S: 'intents-closed-to' } };
      return endpoint().direct.send(new DeleteItemCommand({ TableName: table(), Key }));
    });

    intentsClosedToContract(() => newStore());

    it.each([
      ['retries a write that was applied', [dropAnswer, pass]],
      ['retries one that did not arrive', [dropRequest, pass]],
    ])('is noted when the SDK %s', async (_name, faults) => {
      endpoint().proxy.next('PutItem', ...faults);
      await expect(newStore(2).noteIntentsClosedTo(AT)).resolves.toBeUndefined();
      await expect(newStore().intentsClosedTo()).resolves.toBe(AT);
    });

    it.each([
      ['answer', dropAnswer, AT],
      ['request', dropRequest, undefined],
    ])('is not known to be noted after a lost %s, and can be noted again', async (_name, fault, stored) => {
      endpoint().proxy.next('PutItem', fault);
      await expect(newStore().noteIntentsClosedTo(AT)).rejects.toMatchObject({ code: 'store_unavailable' });
      await expect(newStore().intentsClosedTo()).resolves.toBe(stored);
      await expect(newStore().noteIntentsClosedTo(AT)).resolves.toBeUndefined();
      await expect(newStore().intentsClosedTo()).resolves.toBe(AT);
    });
  });
}
