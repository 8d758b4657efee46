import { BatchWriteItemCommand } from '@aws-sdk/client-dynamodb';
import { unusableAnswer } from '../../../lambdas/adapters/aws/observability/name-failures';
import type { WriteAuditGroup } from '../../../lambdas/adapters/aws/dynamodb/audit-group-commit';
import type { AuditItem } from '../../../lambdas/adapters/aws/dynamodb/audit-item';
import { auditUnavailable } from '../../../lambdas/adapters/aws/dynamodb/audit-unavailable';
import type { AuditTable } from '../../../lambdas/adapters/aws/dynamodb/put-audit-event';

/**
 * Writes groups of events by BatchWriteItem, for tests of the group commit on a DynamoDB that has no PartiQL. No function may call it:
 * its permission includes deletion.
 */
export const batchWriteAuditGroup =
  ({ client, table }: AuditTable): WriteAuditGroup =>
  async (items) => {
    try {
      const requests = items.map((Item) => ({ PutRequest: { Item } }));
      const { UnprocessedItems } = await client.send(
        new BatchWriteItemCommand({ RequestItems: { [table]: requests } }),
      );
      const left = new Set(UnprocessedItems?.[table]?.map(({ PutRequest }) => keyOf(PutRequest?.Item)));
      if (left.size === 0) return items.map(() => undefined);
      const error = auditUnavailable(await unusableAnswer(client, 'BatchWriteItem', 'UnprocessedItems'));
      return items.map((item) => (left.has(keyOf(item)) ? { error, next: 'again' } : undefined));
    } catch (thrown) {
      const error = auditUnavailable(thrown);
      // An event that the table refuses must not make the others fail.
      const isInvalid = items.length > 1 && INVALID.has(String(error.outside?.name));
      const next = error.outside?.kind === 'outage' ? 'again' : isInvalid ? 'alone' : 'never';
      return items.map(() => ({ error, next }));
    }
  };

const INVALID: ReadonlySet<string> = new Set(['SerializationException', 'ValidationException']);

const keyOf = (item: AuditItem | undefined): string =>
  `${String(item?.['bucket']?.S)} ${String(item?.['event_key']?.S)}`;
