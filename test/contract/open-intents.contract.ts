import { randomBytes, randomInt } from 'node:crypto';
import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { createAuditLog } from '../../lambdas/adapters/aws/dynamodb-audit-log';
import { createOpenIntents } from '../../lambdas/adapters/aws/dynamodb-open-intents';
import { auditBucket, auditEventKey } from '../../lambdas/adapters/aws/dynamodb-tables';
import type { AuditEvent } from '../../lambdas/core/domain/audit-event';
import type { OpenIntents } from '../../lambdas/core/ports/open-intents';
import { TestClock } from '../doubles/memory-ports';
import { auditEvent, newestFirst } from './audit-events';
import { randomName, type DynamoDBEndpoint } from './dynamodb-endpoint';
import { pass, unavailable } from './faulty-proxy';
import { watchCalls } from './watch-calls';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const at = (time: number): string => new Date(time).toISOString();
/** A day of its own, so that events without a provider meet no others. */
const someDay = (): number => Date.UTC(randomInt(2000, 2900), randomInt(12), randomInt(1, 28));

const intent = (provider: string | null, time: number, change: Partial<AuditEvent> = {}): AuditEvent =>
  auditEvent({
    provider,
    timestamp: at(time),
    event_type: 'config_change',
    success: null,
    metadata: { operation: 'put_credential', phase: 'intent', write_id: randomBytes(16).toString('hex'), revision: 3 },
    ...change,
  });

const outcomeOf = (
  event: AuditEvent,
  time: number,
  outcome: 'written' | 'refused' | 'unknown' = 'written',
): AuditEvent =>
  auditEvent({
    provider: event.provider,
    timestamp: at(time),
    event_type: event.event_type,
    metadata: { ...event.metadata, phase: 'outcome', outcome },
  });

const oldestFirst = (events: readonly AuditEvent[]): AuditEvent[] => [...events].sort(newestFirst).reverse();

export interface OpenIntentsUnderTest {
  readonly intents: OpenIntents;
  /** Into the same log. */
  readonly append: (events: readonly AuditEvent[]) => Promise<void>;
  /** Makes the search fail from now on. */
  readonly takeDown: () => void;
}

/** What every OpenIntents keeps. */
export function openIntentsContract(open: (now: number) => OpenIntentsUnderTest): void {
  let provider: string;
  let day: number;
  let now: number;
  beforeEach(() => {
    provider = randomName('p');
    day = someDay();
    now = day + 2 * DAY_MS;
  });

  it('finds nothing where there is nothing, and where the period ends before it begins', async () => {
    const { intents, append } = open(now);
    await expect(intents.find(provider, at(day), at(day + HOUR_MS))).resolves.toStrictEqual([]);
    await append([intent(provider, day + MINUTE_MS)]);
    await expect(intents.find(provider, at(day + HOUR_MS), at(day))).resolves.toStrictEqual([]);
  });

  it('finds an intent without an outcome, whole, and none that has one, whatever it was', async () => {
    const { intents, append } = open(now);
    const lost = [intent(provider, day + HOUR_MS), intent(provider, day + HOUR_MS + 1)];
    const closed = (['written', 'refused', 'unknown'] as const).flatMap((outcome) => {
      const announced = intent(provider, day + HOUR_MS);
      return [announced, outcomeOf(announced, day + HOUR_MS + 40, outcome)];
    });
    await append([...lost, ...closed, auditEvent({ provider, timestamp: at(day + HOUR_MS) })]);
    expect(oldestFirst(await intents.find(provider, at(day), at(day + 2 * HOUR_MS)))).toStrictEqual(oldestFirst(lost));
  });

  it('includes both ends of the period, to the millisecond', async () => {
    const { intents, append } = open(now);
    const events = [-1, 0, 1, 2].map((ms) => intent(provider, day + HOUR_MS + ms));
    await append(events);
    const found = await intents.find(provider, at(day + HOUR_MS), at(day + HOUR_MS + 1));
    expect(oldestFirst(found)).toStrictEqual([events[1], events[2]]);
  });

  it.each([
    ['as the next event', HOUR_MS, 5],
    ['beyond the end of the period', HOUR_MS, 2 * HOUR_MS],
    ['on the next day', HOUR_MS, 26 * HOUR_MS],
    ['days later, by a sweep', HOUR_MS, 11 * DAY_MS],
    ['just before it by a clock that was set back, and that on the day before', 0, -30_000],
  ])('sees an outcome that was written %s', async (_name, sinceMidnight, delay) => {
    const { intents, append } = open(Math.max(now, day + sinceMidnight + delay));
    const announced = intent(provider, day + sinceMidnight);
    await append([announced]);
    const find = () => intents.find(provider, at(day), at(day + 90 * MINUTE_MS));
    await expect(find()).resolves.toStrictEqual([announced]);
    await append([outcomeOf(announced, day + sinceMidnight + delay)]);
    await expect(find()).resolves.toStrictEqual([]);
  });

  it('keeps providers apart, and from what belongs to none', async () => {
    const { intents, append } = open(now);
    const [one, other, none] = [provider, `${provider}-x`, null].map((each) => intent(each, day + HOUR_MS));
    await append([one!, other!, none!]);
    const find = (of: string | null) => intents.find(of, at(day), at(day + DAY_MS));
    await expect(find(provider)).resolves.toStrictEqual([one]);
    await expect(find(`${provider}-x`)).resolves.toStrictEqual([other]);
    await expect(find(null)).resolves.toStrictEqual([none]);
  });

  it('leaves out an intent that names no write', async () => {
    const { intents, append } = open(now);
    await append([intent(provider, day + HOUR_MS, { metadata: { operation: 'put_credential', phase: 'intent' } })]);
    await expect(intents.find(provider, at(day), at(day + DAY_MS))).resolves.toStrictEqual([]);
  });

  it('finds exactly the open ones, whatever the times', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            minute: fc.integer({ min: 0, max: 4 * 1_440 - 1 }),
            ms: fc.constantFrom(0, 1, 59_999),
            outcomeAfter: fc.option(fc.constantFrom(0, 1, 50, MINUTE_MS, HOUR_MS, DAY_MS, 3 * DAY_MS)),
          }),
          { maxLength: 25 },
        ),
        fc.integer({ min: -60, max: 4 * 1_440 }),
        fc.integer({ min: 0, max: 2 * 1_440 }),
        async (specs, fromMinute, minutes) => {
          const someone = randomName('q');
          const { intents, append } = open(day + 8 * DAY_MS);
          const changes = specs.map(({ minute, ms, outcomeAfter }) => {
            const announced = intent(someone, day + minute * MINUTE_MS + ms);
            const time = Date.parse(announced.timestamp);
            return { announced, outcome: outcomeAfter === null ? [] : [outcomeOf(announced, time + outcomeAfter)] };
          });
          await append(changes.flatMap(({ announced, outcome }) => [announced, ...outcome]));
          const from = day + fromMinute * MINUTE_MS;
          const to = from + minutes * MINUTE_MS;
          const expected = changes.flatMap(({ announced, outcome }) => {
            const time = Date.parse(announced.timestamp);
            return outcome.length === 0 && time >= from && time <= to ? [announced] : [];
          });
          expect(oldestFirst(await intents.find(someone, at(from), at(to)))).toStrictEqual(oldestFirst(expected));
        },
      ),
      { numRuns: 15 },
    );
  });

  it('is unavailable where the log does not answer', async () => {
    const { intents, takeDown } = open(now);
    takeDown();
    await expect(intents.find(provider, at(day), at(day))).rejects.toMatchObject({ code: 'store_unavailable' });
  });
}

/** What the search in DynamoDB keeps beyond that. */
export function dynamodbOpenIntentsContract(endpoint: () => DynamoDBEndpoint): void {
  let provider: string;
  let clock: TestClock;
  beforeEach(() => {
    endpoint().proxy.reset();
    provider = randomName('p');
    clock = new TestClock();
  });
  const table = (): string => endpoint().tables.audit;
  const newIntents = (): OpenIntents => createOpenIntents({ client: endpoint().newClient(), table: table(), clock });
  const append = async (events: readonly AuditEvent[]): Promise<void> => {
    const log = createAuditLog({ client: endpoint().direct, table: table(), providers: [provider], clock });
    await Promise.all(events.map((event) => log.append(event)));
  };

  openIntentsContract((now) => {
    clock.time = now;
    return {
      intents: newIntents(),
      append,
      takeDown: () => {
        endpoint().proxy.every('Query', unavailable);
      },
    };
  });

  it('reads consistently, and of each event no more than it needs', async () => {
    await append([intent(provider, clock.time - HOUR_MS)]);
    const queries = watchCalls(endpoint().proxy, 'Query', provider);
    const gets = watchCalls(endpoint().proxy, 'GetItem', provider);
    const found = await newIntents().find(provider, at(clock.time - 2 * HOUR_MS), at(clock.time - MINUTE_MS));
    expect(found).toHaveLength(1);
    expect(gets).toMatchObject([{ ConsistentRead: true }]);
    // The period, and what came after it.
    expect(queries).toHaveLength(16 + 16);
    for (const query of queries) {
      expect(query).toMatchObject({
        ConsistentRead: true,
        ProjectionExpression: 'event_key, metadata.phase, metadata.write_id',
      });
    }
  });

  it('reads what came after the period only while an intent is open', async () => {
    const noon = Date.parse('2026-11-18T12:00:00.000Z');
    const find = async (): Promise<{ found: number; queries: number }> => {
      const queries = watchCalls(endpoint().proxy, 'Query', provider);
      const found = await newIntents().find(provider, at(noon), at(noon + HOUR_MS));
      return { found: found.length, queries: queries.length };
    };
    await expect(find()).resolves.toStrictEqual({ found: 0, queries: 16 });
    const [first, second] = [intent(provider, noon), intent(provider, noon)];
    await append([first, second, outcomeOf(first, noon + 1)]);
    // The 18th, then the 18th to the 21st.
    await expect(find()).resolves.toStrictEqual({ found: 1, queries: 16 + 4 * 16 });
    await append([outcomeOf(second, noon + DAY_MS)]);
    await expect(find()).resolves.toStrictEqual({ found: 0, queries: 16 + 2 * 16 });
  });

  it('goes on where DynamoDB cuts a read short', async () => {
    const time = clock.time - HOUR_MS;
    // All in one bucket, and more than one read holds, which is 1 MB.
    const announced = Array.from({ length: 60 }, (_, index) =>
      intent(provider, time + index, { id: `${auditEvent().id.slice(1)}7`, error_message: 'x'.repeat(20_000) }),
    );
    await append([...announced, ...announced.slice(1, 59).map((event) => outcomeOf(event, time + 100))]);
    const queries = watchCalls(endpoint().proxy, 'Query', provider);
    const found = await newIntents().find(provider, at(time), at(time + 1_000));
    expect(found).toStrictEqual([announced[0], announced[59]]);
    expect(queries).toHaveLength(17 + 16);
    watchCalls(endpoint().proxy, 'Query', provider, ...Array.from({ length: 16 }, () => pass), unavailable);
    await expect(newIntents().find(provider, at(time), at(time + 1_000))).rejects.toMatchObject({
      code: 'store_unavailable',
    });
  });

  it('leaves out what TTL takes while it looks, and fails where an intent cannot be read', async () => {
    const announced = intent(provider, clock.time - HOUR_MS);
    await append([announced]);
    const find = () => newIntents().find(provider, at(clock.time - 2 * HOUR_MS), at(clock.time));
    watchCalls(endpoint().proxy, 'GetItem', provider, unavailable);
    await expect(find()).rejects.toMatchObject({ code: 'store_unavailable' });
    watchCalls(endpoint().proxy, 'GetItem', provider, async ({ forward }) => {
      const { timestamp, id } = announced;
      const Key = {
        bucket: { S: auditBucket(provider, timestamp, id) },
        event_key: { S: auditEventKey(timestamp, id) },
      };
      await endpoint().direct.send(new DeleteItemCommand({ TableName: table(), Key }));
      return forward();
    });
    await expect(find()).resolves.toStrictEqual([]);
  });
}
