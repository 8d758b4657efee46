import { BatchExecuteStatementCommand, type BatchStatementResponse } from '@aws-sdk/client-dynamodb';
import type { ErrorName } from '../../../core/errors/error-names';
import { toKeywardError, type KeywardError } from '../../../core/errors/errors';
import { unusableAnswer } from '../observability/name-failures';
import type { AppendFailure, WriteAuditGroup } from './audit-group-commit';
import type { AuditItem } from './audit-item';
import { auditUnavailable } from './audit-unavailable';
import { putAuditEvent, type AuditTable } from './put-audit-event';

/**
 * Writes groups of events by PartiQL's INSERT, which never overwrites an existing item. Its permission, `dynamodb:PartiQLInsert`,
 * allows to add and nothing else, where that of BatchWriteItem allows to delete (docs/decisions/insert-audit-events.md). One event
 * is one conditional PutItem. So is each event of a group that is refused: a new permission may not have spread yet, and one event
 * that the table refuses must not make the others fail.
 */
export const insertAuditGroup =
  (target: AuditTable): WriteAuditGroup =>
  async (items) => {
    const [first] = items;
    if (items.length === 1 && first !== undefined) return [await putAlone(target, first)];
    try {
      const Statements = items.map((item) => ({
        Statement: insertInto(target.table, item),
        Parameters: Object.values(item),
      }));
      const { Responses = [] } = await target.client.send(new BatchExecuteStatementCommand({ Statements }));
      if (Responses.length === items.length) return await failuresOf(target, Responses);
      const error = auditUnavailable(await unusableAnswer(target.client, OPERATION));
      return items.map(() => ({ error, next: 'again' }));
    } catch (thrown) {
      const error = auditUnavailable(thrown);
      const next = REFUSED_AS_A_GROUP.has(String(error.outside?.name)) ? 'alone' : nextAfter(error);
      return items.map(() => ({ error, next }));
    }
  };

const OPERATION = 'BatchExecuteStatement';

/** Refusals of the group, or of this call, that need not hold for each event. */
const REFUSED_AS_A_GROUP: ReadonlySet<string> = new Set([
  'AccessDeniedException',
  'SerializationException',
  'UnknownOperationException',
  'ValidationException',
]);

/** Our names are lower-case letters and `_`; a table's name has no quotation mark (DynamoDB Developer Guide, "Naming rules"). */
const insertInto = (table: string, item: AuditItem): string =>
  `INSERT INTO "${table}" VALUE {${Object.keys(item)
    .map((name) => `'${name}':?`)
    .join(',')}}`;

/** The SDK has made its second attempt by then; only throttling is likely to end within seconds. */
const nextAfter = ({ outside }: KeywardError): AppendFailure['next'] =>
  outside !== undefined && THROTTLED.has(outside.name) ? 'again' : 'never';

const THROTTLED: ReadonlySet<ErrorName> = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
]);

async function putAlone(target: AuditTable, item: AuditItem): Promise<AppendFailure | undefined> {
  try {
    await putAuditEvent(target, item);
    return undefined;
  } catch (thrown) {
    const error = toKeywardError(thrown);
    return { error, next: nextAfter(error) };
  }
}

/**
 * The codes of a statement's error (DynamoDB API Reference, "BatchStatementError") after which it may succeed later, with the name
 * that the failure gets. An event with another code, such as `AccessDenied` or `ValidationError`, is sent alone.
 */
const PASSING: Readonly<Record<string, ErrorName>> = {
  InternalServerError: 'InternalServerError',
  ProvisionedThroughputExceeded: 'ProvisionedThroughputExceededException',
  RequestLimitExceeded: 'RequestLimitExceeded',
  ThrottlingError: 'ThrottlingException',
  TransactionConflict: 'TransactionConflictException',
};

/** The event exists: an earlier attempt wrote it, and its answer was lost. */
const EXISTS_ALREADY = 'DuplicateItem';

/** The answers are in the order of the statements (DynamoDB API Reference, "BatchExecuteStatement"). */
const failuresOf = (
  target: AuditTable,
  responses: readonly BatchStatementResponse[],
): Promise<(AppendFailure | undefined)[]> =>
  Promise.all(
    responses.map(async ({ Error: failed }): Promise<AppendFailure | undefined> => {
      if (failed === undefined || failed.Code === EXISTS_ALREADY) return undefined;
      const name = Object.hasOwn(PASSING, failed.Code ?? '') ? PASSING[failed.Code ?? ''] : undefined;
      const error = auditUnavailable(await unusableAnswer(target.client, OPERATION, name ?? 'UnusableAnswer'));
      return { error, next: name === undefined ? 'alone' : 'again' };
    }),
  );
