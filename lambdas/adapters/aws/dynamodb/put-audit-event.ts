import { ConditionalCheckFailedException, PutItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { AuditItem } from './audit-item';
import { auditUnavailable } from './audit-unavailable';

/** The audit table of one region. */
export interface AuditTable {
  readonly client: DynamoDBClient;
  readonly table: string;
}

/** The whole key is fixed before the first attempt, so an existing item is this event. */
const NOT_THERE_YET = 'attribute_not_exists(#bucket)';

/**
 * Writes one event. Resolves when it is durable, also if it existed already.
 *
 * @throws KeywardError `audit_unavailable`
 */
export async function putAuditEvent({ client, table }: AuditTable, item: AuditItem): Promise<void> {
  const command = new PutItemCommand({
    TableName: table,
    Item: item,
    ConditionExpression: NOT_THERE_YET,
    ExpressionAttributeNames: { '#bucket': 'bucket' },
  });
  try {
    await client.send(command);
  } catch (thrown) {
    if (!(thrown instanceof ConditionalCheckFailedException)) throw auditUnavailable(thrown);
  }
}
