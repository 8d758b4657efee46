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
 * Creates the tables that are not there, and resolves once all can be used. Throws what the SDK throws.
 *
 * @param checkStorage throws where nothing can be written: then a table would stay in CREATING
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
