import {
  createAuditGroupCommit,
  type AuditGroupCommit,
  type AuditGroupCommitConfig,
} from '../../../lambdas/adapters/aws/dynamodb/audit-group-commit';
import { createAuditLog } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-audit-log';
import { systemClock } from '../../../lambdas/adapters/system/system-clock';
import type { AuditEvent } from '../../../lambdas/core/audit/audit-event';
import { TestClock, testRandomness } from '../../doubles/memory-ports';
import { AMPLE_MS } from '../../ample-limits';
import { until } from '../../until';
import { auditEvent, newestFirst, recordOf } from '../audit-events';
import { auditSinkContract } from '../audit-log.contract';
import { keeps } from '../contract';
import { randomName } from '../random-name';
import { batchWriteAuditGroup } from './batch-write-audit-group';
import { dropAnswer, dropRequest, pass, unavailable, type Fault } from './faulty-proxy';
import { faultsOf, useDynamoDB } from './use-dynamodb';

interface BatchWrite {
  RequestItems: Record<string, { PutRequest: { Item: Record<string, { S?: string }> } }[]>;
}

/** Statements for the sink for many requests at once, beyond the contract. */

const endpoint = useDynamoDB();
let provider: string;
beforeEach(() => {
  provider = randomName('p');
});

const newSink = (change: Partial<AuditGroupCommitConfig> = {}): AuditGroupCommit =>
  createAuditGroupCommit({
    write: batchWriteAuditGroup({ client: endpoint().newClient(), table: endpoint().tables.audit }),
    clock: systemClock,
    randomness: testRandomness,
    deadlineMs: AMPLE_MS,
    ...change,
  });
const newEvents = (count: number): AuditEvent[] => Array.from({ length: count }, () => auditEvent({ provider }));
const appendAll = (sink: AuditGroupCommit, events: readonly AuditEvent[]): Promise<PromiseSettledResult<void>[]> =>
  Promise.allSettled(events.map((event) => sink.append(recordOf(event))));
const statuses = (results: readonly PromiseSettledResult<void>[]): Set<string> =>
  new Set(results.map(({ status }) => status));
const calls = (): number => endpoint().proxy.calls.get('BatchWriteItem') ?? 0;

/** The rows in the table, read without the proxy. */
async function stored(): Promise<readonly AuditEvent[]> {
  const log = createAuditLog({
    client: endpoint().direct,
    table: endpoint().tables.audit,
    providers: [],
    clock: systemClock,
  });
  const query = { from: '2026-11-21T00:00:00.000Z', to: '2026-11-21T23:59:59.999Z', limit: 5_000, provider };
  const { events, next } = await log.query(query);
  expect(next).toBeUndefined();
  return events;
}

/** Forwards the part of a batch that `take` chooses and returns the rest as unprocessed. */
const partly =
  (take: (index: number) => boolean): Fault =>
  async ({ body, forward }) => {
    const [[table, requests]] = Object.entries((JSON.parse(body) as BatchWrite).RequestItems) as [
      [string, BatchWrite['RequestItems'][string]],
    ];
    const taken = requests.filter((_, index) => take(index));
    const left = requests.filter((_, index) => !take(index));
    if (taken.length > 0) await forward(JSON.stringify({ RequestItems: { [table]: taken } }));
    return { status: 200, body: JSON.stringify({ UnprocessedItems: left.length > 0 ? { [table]: left } : {} }) };
  };

keeps('createAuditGroupCommit', auditSinkContract, () => {
  const { client, direct, proxy, tables } = endpoint();
  const clock = new TestClock();
  const write = batchWriteAuditGroup({ client, table: tables.audit });
  const sink = { write, clock, randomness: testRandomness, deadlineMs: 500 };
  return {
    port: createAuditGroupCommit(sink),
    reader: createAuditLog({ client: direct, table: tables.audit, providers: [], clock }),
    faults: faultsOf(proxy),
  };
});

it('writes every event exactly as one at a time would, in groups of at most 25', async () => {
  const sizes: number[] = [];
  endpoint().proxy.every('BatchWriteItem', ({ body, forward }) => {
    sizes.push(...Object.values((JSON.parse(body) as BatchWrite).RequestItems).map((requests) => requests.length));
    return forward();
  });
  const events = newEvents(240);
  expect(statuses(await appendAll(newSink(), events))).toStrictEqual(new Set(['fulfilled']));
  expect(await stored()).toStrictEqual([...events].sort(newestFirst));
  expect(Math.max(...sizes)).toBe(25);
  expect(sizes.length).toBeLessThan(20);
});

it('resolves an append only once its event is durable', async () => {
  const sink = newSink();
  await Promise.all(
    newEvents(30).map(async (event) => {
      await sink.append(recordOf(event));
      expect(await stored()).toContainEqual(event);
    }),
  );
});

it('holds one batch back while another is on its first attempt, until it is full', async () => {
  const gates: (() => void)[] = [];
  endpoint().proxy.every('BatchWriteItem', async ({ forward }) => {
    await new Promise<void>((resolve) => gates.push(resolve));
    return forward();
  });
  const sink = newSink();
  const first = sink.append(recordOf(newEvents(1)[0]!));
  await until('1 batches are under way', () => calls() >= 1);
  const partial = appendAll(sink, newEvents(24));
  await systemClock.sleep(50);
  expect(calls()).toBe(1);
  const full = appendAll(sink, newEvents(1));
  await until('2 batches are under way', () => calls() >= 2);
  for (const open of gates) open();
  await first;
  expect(statuses([...(await partial), ...(await full)])).toStrictEqual(new Set(['fulfilled']));
});

it('has no more batches under way than it may', async () => {
  let underWay = 0;
  let most = 0;
  endpoint().proxy.every('BatchWriteItem', async ({ forward }) => {
    underWay += 1;
    most = Math.max(most, underWay);
    await systemClock.sleep(20);
    const answer = await forward();
    underWay -= 1;
    return answer;
  });
  const results = await appendAll(newSink({ maxGroups: 2 }), newEvents(250));
  expect(statuses(results)).toStrictEqual(new Set(['fulfilled']));
  expect(most).toBe(2);
});

it('sends again what the table did not process, and settles the rest at once', async () => {
  const settled: number[] = [];
  let settledBefore = 0;
  endpoint().proxy.next(
    'BatchWriteItem',
    partly((index) => index % 2 === 0),
    ({ forward }) => {
      settledBefore = settled.length;
      return forward();
    },
  );
  const events = newEvents(25);
  const sink = newSink();
  await Promise.all(events.map((event, index) => sink.append(recordOf(event)).then(() => settled.push(index))));
  expect(calls()).toBe(2);
  expect(settledBefore).toBe(13);
  expect(await stored()).toHaveLength(25);
});

it('goes on with other events while some are sent again', async () => {
  const [stuck, ...others] = newEvents(11) as [AuditEvent, ...AuditEvent[]];
  endpoint().proxy.every('BatchWriteItem', (exchange) =>
    exchange.body.includes(stuck.id) ? partly(() => false)(exchange) : exchange.forward(),
  );
  const sink = newSink();
  let isStuck = true;
  const append = sink.append(recordOf(stuck)).finally(() => (isStuck = false));
  await until('1 batches are under way', () => calls() >= 1);
  for (const event of others) await sink.append(recordOf(event));
  expect(isStuck).toBe(true);
  endpoint().proxy.reset();
  await append;
  expect(await stored()).toHaveLength(11);
});

it.each([
  ['an answer that is lost', [dropAnswer, pass]],
  ['a request that is lost', [dropRequest, pass]],
  ['a store that is busy', [unavailable, unavailable, pass]],
  ['a batch of which nothing is processed', [partly(() => false), partly(() => false)]],
] satisfies [string, Fault[]][])('survives %s', async (_name, faults) => {
  endpoint().proxy.next('BatchWriteItem', ...faults);
  const events = newEvents(10);
  expect(statuses(await appendAll(newSink(), events))).toStrictEqual(new Set(['fulfilled']));
  expect(await stored()).toStrictEqual([...events].sort(newestFirst));
});

it('rejects once the deadline has passed, and says so by its code', async () => {
  endpoint().proxy.every('BatchWriteItem', unavailable);
  const clock = new TestClock();
  const sink = newSink({ clock, deadlineMs: 500 });
  const results = await appendAll(sink, newEvents(60));
  for (const result of results) {
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'audit_unavailable' } });
  }
  expect(calls()).toBeGreaterThan(3);
  expect(calls()).toBeLessThan(40);
  expect(await stored()).toHaveLength(0);
});

it('gives up after some attempts even if the clock stands still', async () => {
  endpoint().proxy.every('BatchWriteItem', unavailable);
  const clock = { now: () => 0, sleep: () => Promise.resolve() };
  const results = await appendAll(newSink({ clock }), newEvents(3));
  expect(statuses(results)).toStrictEqual(new Set(['rejected']));
  expect(calls()).toBe(12);
});

it('does not send an event whose deadline passed while it waited', async () => {
  const clock = new TestClock();
  const gates: (() => void)[] = [];
  endpoint().proxy.every('BatchWriteItem', async ({ forward }) => {
    await new Promise<void>((resolve) => gates.push(resolve));
    return forward();
  });
  const sink = newSink({ clock, deadlineMs: 1_000 });
  const first = sink.append(recordOf(newEvents(1)[0]!));
  await until('1 batches are under way', () => calls() >= 1);
  const late = appendAll(sink, newEvents(5));
  clock.time += 2_000;
  for (const open of gates) open();
  await first;
  expect(statuses(await late)).toStrictEqual(new Set(['rejected']));
  expect(calls()).toBe(1);
  expect(await stored()).toHaveLength(1);
});

it('refuses what does not fit its queue', async () => {
  const events = newEvents(30);
  const results = await appendAll(newSink({ maxQueued: 20 }), events);
  expect(results.map(({ status }) => status)).toStrictEqual([
    ...Array.from({ length: 20 }, () => 'fulfilled'),
    ...Array.from({ length: 10 }, () => 'rejected'),
  ]);
  expect(results[20]).toMatchObject({ reason: { code: 'audit_unavailable' } });
});

it('takes the same event twice in one batch, and again later', async () => {
  const [event] = newEvents(1) as [AuditEvent];
  const sink = newSink();
  expect(statuses(await appendAll(sink, [event, event]))).toStrictEqual(new Set(['fulfilled']));
  await sink.append(recordOf(event));
  expect(await stored()).toStrictEqual([event]);
});

it('keeps the others where the table refuses one event', async () => {
  const events = newEvents(6);
  // An item may have up to 400 KB.
  const tooLarge = auditEvent({ provider, user_agent: 'x'.repeat(500_000) });
  const results = await appendAll(newSink(), [...events.slice(0, 3), tooLarge, ...events.slice(3)]);
  expect(results.map(({ status }) => status === 'fulfilled')).toStrictEqual([
    true,
    true,
    true,
    false,
    true,
    true,
    true,
  ]);
  expect(results[3]).toMatchObject({ reason: { code: 'audit_unavailable' } });
  expect(await stored()).toHaveLength(6);
});

it('marks events for TTL where a retention is configured', async () => {
  const bodies: string[] = [];
  endpoint().proxy.every('BatchWriteItem', ({ body, forward }) => {
    bodies.push(body);
    return forward();
  });
  await newSink({ retentionDays: 1 }).append(recordOf(auditEvent({ provider, timestamp: '2026-11-21T09:00:00.999Z' })));
  expect(bodies[0]).toContain(`"expires_at":{"N":"${Date.UTC(2026, 10, 22, 9) / 1000}"}`);
});

describe('drain', () => {
  it('resolves at once where there is nothing', async () => {
    await expect(newSink().drain()).resolves.toBeUndefined();
  });

  it('waits for what waits and for what is under way', async () => {
    endpoint().proxy.next('BatchWriteItem', unavailable, unavailable);
    const sink = newSink();
    const results = appendAll(sink, newEvents(80));
    await Promise.all([sink.drain(), sink.drain()]);
    expect(await stored()).toHaveLength(80);
    expect(statuses(await results)).toStrictEqual(new Set(['fulfilled']));
  });
});
