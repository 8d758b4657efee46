import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { AuditSink } from '../../lambdas/core/audit/ports/audit-log';

/**
 * Calls `assertStored` before and after every call of the database, and fails if it throws: nothing that was written to a removed
 * file counts as stored.
 */
export function guardDatabase(client: DynamoDBClient, assertStored: () => void): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      assertStored();
      const answer = await next(args);
      assertStored();
      return answer;
    },
    { step: 'initialize', name: 'guardDatabase' },
  );
}

/**
 * Refuses an event at once if the database would, instead of retrying for seconds. Checks once per turn of the event loop: the
 * events of a turn arrive at the same moment, and each check asks the system for several files.
 */
export function guardAudit<A extends AuditSink>(audit: A, assertStored: () => void): A {
  let hasLooked = false;
  const look = (): void => {
    if (hasLooked) return;
    assertStored();
    hasLooked = true;
    setImmediate(() => {
      hasLooked = false;
    });
  };
  return {
    ...audit,
    append: async (event) => {
      look();
      await audit.append(event);
    },
  };
}
