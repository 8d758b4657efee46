import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { createAuditLog } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-audit-log';
import { createOpenIntents } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-open-intents';
import { auditBucket, auditEventKey } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-tables';
import type { AuditEvent } from '../../../lambdas/core/audit/audit-event';
import type { OpenIntents } from '../../../lambdas/core/audit/ports/open-intents';
import { TestClock } from '../../doubles/memory-ports';
import { auditEvent, appendAll } from '../audit-events';
import { intent, outcomeOf } from '../audit-intents';
import { at } from '../audit-log.contract';
import { keeps } from '../contract';
import { openIntentsContract } from '../open-intents.contract';
import { randomName } from '../random-name';
import { pass, unavailable } from './faulty-proxy';
import { faultsOf, useDynamoDB } from './use-dynamodb';
import { watchCalls } from './watch-calls';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const endpoint = useDynamoDB();
let clock: TestClock;
beforeEach(() => {
  clock = new TestClock();
});
const table = (): string => endpoint().tables.audit;
const newIntents = (): OpenIntents => createOpenIntents({ client: endpoint().client, table: table(), clock });
const newSink = () => createAuditLog({ client: endpoint().direct, table: table(), providers: [], clock });

keeps('createOpenIntents', openIntentsContract, () => ({
  port: newIntents(),
  sink: newSink(),
  setTime: (now) => {
    clock.time = now;
  },
  faults: faultsOf(endpoint().proxy),
}));

describe('beyond the contract', () => {
  let provider: string;
  beforeEach(() => {
    provider = randomName('p');
  });
  const append = (events: readonly AuditEvent[]): Promise<void> => appendAll({ sink: newSink() }, events);

  it('reads consistently, and of each event no more than it needs', async () => {
    await append([intent(provider, clock.time - HOUR_MS)]);
    const queries = watchCalls(endpoint().proxy, 'Query', provider);
    const gets = watchCalls(endpoint().proxy, 'GetItem', provider);
    const found = await newIntents().find(provider, at(clock.time - 2 * HOUR_MS), at(clock.time - MINUTE_MS));
    expect(found).toHaveLength(1);
    expect(gets).toMatchObject([{ ConsistentRead: true }]);
    // The period, and the time after it.
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
    // All in one bucket, and more than one read holds (1 MB).
    const intended = Array.from({ length: 60 }, (_, index) =>
      intent(provider, time + index, { id: `${auditEvent().id.slice(1)}7`, error_message: 'x'.repeat(20_000) }),
    );
    await append([...intended, ...intended.slice(1, 59).map((event) => outcomeOf(event, time + 100))]);
    const queries = watchCalls(endpoint().proxy, 'Query', provider);
    const found = await newIntents().find(provider, at(time), at(time + 1_000));
    expect(found).toStrictEqual([intended[0], intended[59]]);
    expect(queries).toHaveLength(17 + 16);
    watchCalls(endpoint().proxy, 'Query', provider, ...Array.from({ length: 16 }, () => pass), unavailable);
    await expect(newIntents().find(provider, at(time), at(time + 1_000))).rejects.toMatchObject({
      code: 'store_unavailable',
    });
  });

  it('leaves out what TTL takes while it looks, and fails where an intent cannot be read', async () => {
    const intended = intent(provider, clock.time - HOUR_MS);
    await append([intended]);
    const find = () => newIntents().find(provider, at(clock.time - 2 * HOUR_MS), at(clock.time));
    watchCalls(endpoint().proxy, 'GetItem', provider, unavailable);
    await expect(find()).rejects.toMatchObject({ code: 'store_unavailable' });
    watchCalls(endpoint().proxy, 'GetItem', provider, async ({ forward }) => {
      const { timestamp, id } = intended;
      const Key = {
        bucket: { S: auditBucket(provider, timestamp, id) },
        event_key: { S: auditEventKey(timestamp, id) },
      };
      await endpoint().direct.send(new DeleteItemCommand({ TableName: table(), Key }));
      return forward();
    });
    await expect(find()).resolves.toStrictEqual([]);
  });
});
