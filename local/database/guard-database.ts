import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { AuditSink } from '../../lambdas/core/audit/ports/audit-log';

/**
 * Makes every answer of the database count only while `assertStored` does not throw, before it is asked and after it has
 * answered: nothing that went into a removed file is taken for stored.
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
 * Refuses an event at once where the database would, instead of trying for seconds. Looks once in a turn of the event loop: the events of
 * a turn arrive at the same moment, and each look asks the system for several files.
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
