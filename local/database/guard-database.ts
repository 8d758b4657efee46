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

/** Refuses an event at once where the database would, instead of trying for seconds. */
export const guardAudit = <A extends AuditSink>(audit: A, assertStored: () => void): A => ({
  ...audit,
  append: async (event) => {
    assertStored();
    await audit.append(event);
  },
});
