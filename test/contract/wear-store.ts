import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { BatchWriteItemCommand, QueryCommand, ScanCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BY_KEY_VERSION } from '../../lambdas/core/contract/tables';
import { createDynamoDBClient } from '../../lambdas/adapters/aws/dynamodb/dynamodb-client';
import { RecordingFailures } from '../doubles/recording-failures';
import { createMissingTables } from '../../local/database/create-missing-tables';

export interface WearOptions {
  readonly liveRows: number;
  readonly queries: number;
  /** The query after which memory is first measured. */
  readonly firstQueries: number;
  readonly overwrites: number;
  /** Spread over the overwrites. */
  readonly reads: number;
}

interface Held {
  readonly openIterators: number;
  readonly heapBytes: number;
  readonly residentBytes: number;
}

export interface Wear {
  readonly afterFirst: Held;
  readonly afterQueries: Held;
  readonly atEnd: Held;
  readonly liveBytes: number;
  readonly diskBytes: number;
}

const TABLES = { keysets: 'keysets', credentials: 'credentials', audit: 'audit', rotations: 'rotations' };
const LIMITS = { requestTimeoutMs: 120_000, connectionTimeoutMs: 120_000, maxAttempts: 1 };
const BATCH = 25;
const SHARDS = 16;
const BODY_BYTES = 450;
const AT_ONCE = 8;

/**
 * Effects of long use on the embedded database: queries and scans with a limit, on a table and on an index, and overwrites with
 * reads in between. Runs the database in a separate process.
 */
export async function wearStore(options: WearOptions): Promise<Wear> {
  const home = mkdtempSync(join(tmpdir(), 'kwwear-'));
  const directory = join(home, 'dynamodb');
  const socketPath = join(home, 'socket');
  const child = fork(resolve(__dirname, 'worn-store-child.ts'), [directory, socketPath], {
    execArgv: ['--expose-gc', '--require', require.resolve('tsx/cjs')],
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
  });
  const exited = once(child, 'exit');
  const next = async (): Promise<unknown> => ((await once(child, 'message')) as unknown[])[0];
  const held = (): Promise<Held> => {
    const answer = next();
    child.send('measure');
    return answer as Promise<Held>;
  };
  try {
    await next();
    const credentials = { accessKeyId: 'x', secretAccessKey: 'x' };
    const client = createDynamoDBClient({
      region: 'us-east-1',
      socketPath,
      credentials,
      ...LIMITS,
      failures: new RecordingFailures(),
    });
    await createMissingTables(client, TABLES);
    const rows = new Rows(client, options.liveRows);
    await rows.write(options.liveRows);
    await inParallel(options.firstQueries, (index) => cutShort(client, index));
    const afterFirst = await held();
    await inParallel(options.queries - options.firstQueries, (index) => cutShort(client, index));
    const afterQueries = await held();
    const share = Math.ceil(options.overwrites / (options.reads + 1));
    for (let left = options.overwrites; left > 0; left -= share) {
      await rows.write(Math.min(share, left));
      if (left > share) await cutShort(client, left);
    }
    const atEnd = await held();
    client.destroy();
    return { afterFirst, afterQueries, atEnd, liveBytes: rows.bytes, diskBytes: bytesIn(directory) };
  } finally {
    if (child.connected) child.disconnect();
    await exited;
    rmSync(home, { recursive: true, force: true });
  }
}

/** Credentials as they are in their table: ciphertext does not compress. */
class Rows {
  private written = 0;
  private readonly sizes = new Map<string, number>();

  constructor(
    private readonly client: DynamoDBClient,
    private readonly live: number,
  ) {}

  get bytes(): number {
    return [...this.sizes.values()].reduce((sum, size) => sum + size, 0);
  }

  async write(count: number): Promise<void> {
    const from = this.written;
    this.written += count;
    await inParallel(Math.ceil(count / BATCH), async (batch) => {
      const numbers = Array.from(
        { length: Math.min(BATCH, count - batch * BATCH) },
        (_, i) => from + batch * BATCH + i,
      );
      const items = numbers.map((number) => this.item(number));
      for (const item of items) this.sizes.set(item.name.S, JSON.stringify(item).length);
      const puts = items.map((Item) => ({ PutRequest: { Item } }));
      await this.client.send(new BatchWriteItemCommand({ RequestItems: { [TABLES.credentials]: puts } }));
    });
  }

  private item(number: number) {
    const row = number % this.live;
    return {
      provider_shard: { S: `openai#${row % SHARDS}` },
      name: { S: String(row).padStart(8, '0') },
      // Different for each overwrite, so that the index changes, too.
      key_version: { N: String(1 + Math.floor(number / this.live)) },
      sealed: { S: randomBytes(BODY_BYTES).toString('base64') },
    };
  }
}

/** A query or scan that finds more rows than it may return. */
async function cutShort(client: DynamoDBClient, index: number): Promise<void> {
  const TableName = TABLES.credentials;
  const ofShard = {
    TableName,
    KeyConditionExpression: 'provider_shard = :shard',
    ExpressionAttributeValues: { ':shard': { S: `openai#${index % SHARDS}` } },
    Limit: 1 + (index % 3),
  };
  const kinds = [
    () => client.send(new QueryCommand(ofShard)),
    () => client.send(new QueryCommand({ ...ofShard, ScanIndexForward: false })),
    () => client.send(new QueryCommand({ ...ofShard, IndexName: BY_KEY_VERSION })),
    () => client.send(new ScanCommand({ TableName, Limit: 2 })),
  ] as const;
  const { LastEvaluatedKey } = await kinds[index % kinds.length]!();
  if (LastEvaluatedKey === undefined) throw new Error('the query was not cut by its limit');
}

async function inParallel(count: number, work: (index: number) => Promise<void>): Promise<void> {
  let started = 0;
  const run = async (): Promise<void> => {
    while (started < count) {
      started += 1;
      await work(started - 1);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, run));
}

const bytesIn = (directory: string): number =>
  readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
