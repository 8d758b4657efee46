import { createAuditSink } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-audit-log';
import { createDynamoDBEventPages } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-event-pages';
import { auditEvent, recordOf } from '../audit-events';
import { keeps } from '../contract';
import { randomName } from '../random-name';
import { eventPagesContract } from '../reconciliation.contract';
import { unavailable } from './faulty-proxy';
import { useDynamoDB } from './use-dynamodb';

const endpoint = useDynamoDB();

function open(pageSize?: number) {
  const { client, direct, tables } = endpoint();
  const provider = randomName('p');
  // Of its own, too: events without a provider are in the same buckets for all statements.
  const region = randomName('r');
  const sink = createAuditSink({ client: direct, table: tables.audit });
  return {
    port: createDynamoDBEventPages({
      client,
      table: tables.audit,
      providers: [],
      stored: async () => [provider],
      region,
      ...(pageSize !== undefined && { pageSize }),
    }),
    provider,
    region,
    append: async (records: readonly ReturnType<typeof recordOf>[]) => {
      for (const record of records) await sink.append(record);
    },
  };
}

keeps('createDynamoDBEventPages', eventPagesContract, () => open(2));

it('reads as many events a page as DynamoDB reads at once, in one call', async () => {
  const { port, append, provider, region } = open();
  const events = Array.from({ length: 5 }, (_, at) =>
    auditEvent({ provider, region, id: `${String(at).repeat(31)}0`, timestamp: '2026-11-24T09:00:00.000Z' }),
  );
  await append(events.map(recordOf));
  const [part] = await port.parts('2026-11-24');
  endpoint().proxy.reset();
  expect((await port.page({ part: part!, hour: '2026-11-24T09' })).images).toHaveLength(5);
  expect(endpoint().proxy.calls).toStrictEqual(new Map([['Query', 1]]));
});

it('is unavailable where the table does not answer', async () => {
  const { port } = open();
  endpoint().proxy.every('Query', unavailable);
  await expect(port.parts('2026-11-24')).rejects.toMatchObject({ code: 'store_unavailable' });
  await expect(port.page({ part: 'openai#2026-11-24#00', hour: '2026-11-24T09' })).rejects.toMatchObject({
    code: 'store_unavailable',
  });
});
