import { ScanCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** Whether all of the tables are empty. Throws the errors of the SDK. */
export async function holdsNothing(client: DynamoDBClient, tables: readonly string[]): Promise<boolean> {
  const answers = await Promise.all(
    tables.map((TableName) => client.send(new ScanCommand({ TableName, Limit: 1, ConsistentRead: true }))),
  );
  return answers.every((answer) => answer.Count === 0);
}
