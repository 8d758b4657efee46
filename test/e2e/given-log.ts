import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { startKms, type RunningKms } from '../doubles/start-kms';
import { testSigner } from '../doubles/transparency/test-signer';
import type { Cloud } from './signed-call';
import { Stop } from './stop';
import type { Given } from './transform-log-template';

/** Stands in for what a log's stack would make: a double of KMS with the log's two keys. */
export class LogKeys {
  private constructor(
    private readonly kms: RunningKms,
    private readonly ids: { readonly logKeyId: string; readonly cosignerKeyId: string },
  ) {}

  static async start(origin: string): Promise<LogKeys> {
    const kms = await startKms();
    const [logKeyId, cosignerKeyId] = ['end-to-end-log', 'end-to-end-cosigner'] as const;
    kms.keys.set(logKeyId, testSigner(origin)).set(cosignerKeyId, testSigner(`${origin}/cosigner`, 'cosignature'));
    return new LogKeys(kms, { logKeyId, cosignerKeyId });
  }

  /** What the template of the region's log is given. */
  async givenTo({ port, root }: Cloud, region: string, TableName: string): Promise<Given> {
    const client = new DynamoDBClient({ region, endpoint: `http://127.0.0.1:${port}`, credentials: root });
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    if (Table?.LatestStreamArn === undefined) throw new Stop(`MiniStack made no stream of ${TableName}.`);
    return { streamArn: Table.LatestStreamArn, kmsEndpoint: this.kms.endpoint, ...this.ids };
  }

  close(): Promise<void> {
    return this.kms.close();
  }
}
