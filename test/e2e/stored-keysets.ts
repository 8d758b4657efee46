import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { Cloud } from './signed-call';

export interface StoredKeyset {
  readonly provider: string;
  readonly kek_id: string;
  readonly revision: number;
  readonly [member: string]: unknown;
}

/** What a region's table of keysets holds, in the order of the providers' names. */
export async function storedKeysets({ port, root }: Cloud, region: string, table: string): Promise<StoredKeyset[]> {
  const client = new DynamoDBClient({ region, endpoint: `http://127.0.0.1:${port}`, credentials: root });
  const command = new ScanCommand({ TableName: table, ConsistentRead: true });
  const { Items = [] } = await DynamoDBDocumentClient.from(client).send(command);
  return (Items as StoredKeyset[]).sort((a, b) => (a.provider < b.provider ? -1 : 1));
}
