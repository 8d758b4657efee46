import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { BatchWriteItemCommand } from '@aws-sdk/client-dynamodb';
import { createDynamoDBClient } from '../lambdas/adapters/aws/dynamodb/dynamodb-client';
import { credentialShard } from '../lambdas/adapters/aws/dynamodb/dynamodb-tables';
import { toItem } from '../lambdas/adapters/aws/dynamodb/stored-value';
import { startEmbeddedDynamoDB } from '../local/database/embedded-dynamodb';
import { DATABASE_DIRECTORY, LOCAL_TABLES } from '../local/local-names';
import { endServer, startServer } from './child-process';

const BATCH = 25;
const WRITERS = 4;
/** Length of a token's body for a key of 108 characters. */
const BODY_BYTES = 172;
const PROVIDER = 'openai';

/** Returns the name of a credential by its index, from 0. */
export const nameOf = (index: number): string => `key-${String(index).padStart(6, '0')}`;

/**
 * Makes a data directory of local mode with `count` credentials, in batches, as individual puts would leave them; their
 * ciphertexts are random and do not open, which lists do not need. Takes half a minute for 100,000.
 *
 * @param home does not exist
 */
export async function fillDataDirectory(home: string, count: number): Promise<void> {
  await endServer(await startServer('keyward', home));
  const database = await startEmbeddedDynamoDB({ directory: join(home, DATABASE_DIRECTORY), tables: LOCAL_TABLES });
  const client = createDynamoDBClient({
    ...database.connection,
    requestTimeoutMs: 60_000,
    connectionTimeoutMs: 5_000,
    maxAttempts: 3,
    failures: { note: () => undefined },
  });
  let next = 0;
  const write = async (): Promise<void> => {
    while (next < count) {
      const start = next;
      next += BATCH;
      const items = Array.from({ length: Math.min(BATCH, count - start) }, (_, offset) => itemOf(start + offset));
      const requests = items.map((item) => ({ PutRequest: { Item: toItem(item) } }));
      await client.send(new BatchWriteItemCommand({ RequestItems: { [LOCAL_TABLES.credentials]: requests } }));
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, write));
  client.destroy();
  await database.close();
}

function itemOf(index: number): object {
  const name = nameOf(index);
  const now = new Date().toISOString();
  const valueOf = () => ({
    ciphertext: `kw1.${PROVIDER}.1.${randomBytes(BODY_BYTES).toString('base64')}`,
    key_version: 1,
    hint: 'xxxx',
    metadata: '{"base_url":"https://api.example.com/v1","team":"search"}',
    created_at: now,
    updated_at: now,
  });
  const previous = { ...valueOf(), revision: 1, replaced_at: now };
  const row = {
    provider_shard: credentialShard(PROVIDER, name),
    provider: PROVIDER,
    name,
    revision: 2,
    write_id: randomBytes(16).toString('hex'),
  };
  if (index % 20 === 7) return { ...row, deleted_at: now, previous, key_version: 1 };
  return { ...row, ...valueOf(), ...(index % 3 === 0 && { previous, current_key_version: 1 }) };
}
