import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { API_LIMITS } from '../../../core/contract/client-limits';
import { failureKindOf } from '../../../core/errors/error-names';
import type { FailureLog } from '../../../core/ports/failure-log';
import { createDynamoDBClient, type DynamoDBClientOptions } from './dynamodb-client';

export interface CredentialsProbeConfig {
  readonly regions: readonly string[];
  /** The table of the keysets: every function reads it. */
  readonly table: string;
  readonly failures: FailureLog;
}

/** The name of no provider. */
const NOBODY = '-';

/**
 * Tries keys by a read of a keyset that cannot exist, in every region: IAM makes a new user known to one after the other. A call
 * that proves only who signs, such as GetCallerIdentity, works before the user's policy does.
 *
 * @returns a function that says whether one region answers, and none denies; it never rejects. A region that does not answer says
 *   nothing about the keys
 */
export function createCredentialsProbe(config: CredentialsProbeConfig) {
  return async (keys: DynamoDBClientOptions['credentials'] & object): Promise<boolean> => {
    const results = await Promise.all(config.regions.map((region) => tryIn(region, keys, config)));
    return results.includes('answers') && !results.includes('denied');
  };
}

async function tryIn(
  region: string,
  credentials: DynamoDBClientOptions['credentials'] & object,
  { table, failures }: CredentialsProbeConfig,
): Promise<'answers' | 'denied' | 'outage'> {
  const client = createDynamoDBClient({ region, credentials, ...API_LIMITS, maxAttempts: 1, failures });
  try {
    await client.send(new GetItemCommand({ TableName: table, Key: { provider: { S: NOBODY } } }));
    return 'answers';
  } catch (thrown) {
    const kind = failureKindOf(thrown);
    // A table that is missing in a region was not denied.
    return kind === 'refused' ? 'answers' : kind;
  } finally {
    client.destroy();
  }
}
