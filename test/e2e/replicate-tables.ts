import { DescribeTableCommand, DynamoDBClient, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { until } from '../until';
import type { Cloud } from './signed-call';

/** Gives tables the replicas of their template: MiniStack's CloudFormation ignores `Replicas`, its DynamoDB does not. */
export async function replicateTables(
  { port, root }: Cloud,
  tables: readonly string[],
  { home, replicas }: { home: string; replicas: readonly string[] },
): Promise<void> {
  const client = new DynamoDBClient({ region: home, endpoint: `http://127.0.0.1:${port}`, credentials: root });
  for (const TableName of tables) {
    for (const RegionName of replicas) {
      await client.send(new UpdateTableCommand({ TableName, ReplicaUpdates: [{ Create: { RegionName } }] }));
      await active(client, TableName, RegionName);
    }
  }
}

async function active(client: DynamoDBClient, TableName: string, region: string): Promise<void> {
  await until(`MiniStack has made a replica of ${TableName} in ${region}`, async () => {
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    const replica = Table?.Replicas?.find(({ RegionName }) => RegionName === region);
    return replica?.ReplicaStatus === 'ACTIVE';
  });
}
