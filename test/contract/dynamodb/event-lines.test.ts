import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { toAuditItem, type AuditItem } from '../../../lambdas/adapters/aws/dynamodb/audit-item';
import { createDynamoDBEventLines } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-event-lines';
import { formatEventLine } from '../../../lambdas/core/audit/event-line';
import { auditEvent, recordOf } from '../audit-events';
import { keeps } from '../contract';
import { eventLinesContract } from '../published-logs.contract';
import { useDynamoDB } from './use-dynamodb';

const endpoint = useDynamoDB();
const open = () =>
  createDynamoDBEventLines({ client: endpoint().client, table: endpoint().tables.audit, providers: ['openai'] });

async function store(change: AuditItem = {}) {
  const record = recordOf(auditEvent({ metadata: { operation: 'decrypt', credential: 'default' } }));
  const Item = { ...toAuditItem(record, 90), ...change };
  await endpoint().direct.send(new PutItemCommand({ TableName: endpoint().tables.audit, Item }));
  return record;
}

keeps('createDynamoDBEventLines', eventLinesContract, () => ({
  port: open(),
  stored: async () => {
    const record = await store();
    return { ...record, line: formatEventLine(record) };
  },
}));

test('an event without a nonce has no line: only the archive has one for it', async () => {
  const { id, timestamp } = await store({ nonce: { S: 'none' } });
  expect(await open().lineOf({ id, timestamp })).toBeUndefined();
});
