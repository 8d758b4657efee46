import { createAuditLog } from '../../lambdas/adapters/aws/dynamodb/dynamodb-audit-log';
import { createDynamoDBClient } from '../../lambdas/adapters/aws/dynamodb/dynamodb-client';
import { systemClock } from '../../lambdas/adapters/system/system-clock';
import { startEmbeddedDynamoDB } from '../../local/database/embedded-dynamodb';
import { AMPLE } from '../ample-limits';
import { RecordingFailures } from '../doubles/recording-failures';
import { auditEvent, recordOf } from './audit-events';

/** A process that appends events without end and prints the id of each acknowledged one. A test kills it. */
async function main(directory: string): Promise<void> {
  const tables = { keysets: 'keysets', credentials: 'credentials', audit: 'audit', rotations: 'rotations' };
  const { connection } = await startEmbeddedDynamoDB({ directory, tables });
  const client = createDynamoDBClient({
    ...connection,
    ...AMPLE,
    maxAttempts: 1,
    failures: new RecordingFailures(),
  });
  const log = createAuditLog({ client, table: tables.audit, providers: ['openai'], clock: systemClock });
  const append = async (): Promise<never> => {
    for (;;) {
      const event = auditEvent();
      await log.append(recordOf(event));
      process.stdout.write(`${event.id}\n`);
    }
  };
  await Promise.all(Array.from({ length: 8 }, append));
}

void main(process.argv[2]!);
