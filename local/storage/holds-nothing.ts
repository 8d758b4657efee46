import { ScanCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** Whether none of the tables holds anything. Throws what the SDK throws. */
export async function holdsNothing(client: DynamoDBClient, tables: readonly string[]): Promise<boolean> {
  const answers = await Promise.all(
    tables.map((TableName) => client.send(new ScanCommand({ TableName, Limit: 1, ConsistentRead: true }))),
  );
  return answers.every((answer) => answer.Count === 0);
}
