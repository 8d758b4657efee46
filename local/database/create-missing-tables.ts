import { setTimeout as delay } from 'node:timers/promises';
import {
  CreateTableCommand,
  DescribeTableCommand,
  ResourceNotFoundException,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import type { TableNames } from '../../lambdas/core/contract/tables';
import { tableDefinitions } from '../../lambdas/adapters/aws/dynamodb/dynamodb-tables';

const POLL_MS = 10;

/**
 * Creates the missing tables, and resolves when all tables can be used. Throws the errors of the SDK.
 *
 * @param checkStorage throws if nothing can be written: a table would then stay in CREATING
 */
export async function createMissingTables(
  client: DynamoDBClient,
  names: TableNames,
  checkStorage: () => void = () => undefined,
): Promise<void> {
  for (const definition of tableDefinitions(names)) {
    let status = await statusOf(client, definition.TableName);
    if (status === undefined) await client.send(new CreateTableCommand(definition));
    while (status !== 'ACTIVE') {
      await delay(POLL_MS);
      checkStorage();
      status = await statusOf(client, definition.TableName);
    }
  }
}

async function statusOf(client: DynamoDBClient, table: string | undefined): Promise<string | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName: table }))).Table?.TableStatus;
  } catch (thrown) {
    if (thrown instanceof ResourceNotFoundException) return undefined;
    throw thrown;
  }
}
