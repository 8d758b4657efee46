import { ScanCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';

/**
 * Returns the KEK ids of stored keysets, of all providers that were ever configured. Throws the errors of the SDK.
 *
 * @returns an empty set if no keyset is stored
 */
export async function keksInUse(client: DynamoDBClient, table: string): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  let startKey: Record<string, unknown> | undefined;
  do {
    const answer = await client.send(
      new ScanCommand({
        TableName: table,
        ConsistentRead: true,
        ...(startKey !== undefined && { ExclusiveStartKey: startKey as never }),
      }),
    );
    for (const { kek_id: id } of answer.Items ?? []) if (id?.S !== undefined) ids.add(id.S);
    startKey = answer.LastEvaluatedKey;
  } while (startKey !== undefined);
  return ids;
}
