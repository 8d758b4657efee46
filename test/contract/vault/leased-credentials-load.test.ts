import { GetItemCommand, PutItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createDynamoDBClient } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-client';
import { systemClock } from '../../../lambdas/adapters/system/system-clock';
import type { Clock } from '../../../lambdas/core/ports/clock';
import { AMPLE } from '../../ample-limits';
import { RecordingFailures } from '../../doubles/recording-failures';
import { runs } from '../../effort';
import { mountAws, openAwsCredentials, type AwsEngineOptions, type AwsEngineUnderTest } from './aws-under-test';
import { REAL_VAULT, startVaultUnderTest } from './vault-under-test';

/**
 * Leases of 15 seconds under 300 requests a second, with the real SDK: against the double with a clock that runs five times as fast,
 * and by `npm run test:vault` against a real server.
 */

const LIMITS = { ...AMPLE, maxAttempts: 2 };
const REGION = 'us-east-1';
const failures = new RecordingFailures();

const SPEED = 5;
/** The time of a real server is its own. */
const REAL_MS = 45_000;

function fastClock(): Clock {
  const start = Date.now();
  return {
    now: () => start + (Date.now() - start) * SPEED,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms / SPEED)),
  };
}

const PER_SECOND = 300;
/**
 * Bounded, so that a busy machine sends less instead of letting requests wait for longer than a lease: such a request cannot succeed.
 */
const AT_ONCE = 16;

/** On a busy machine the load lasts longer. */
const LEAST = 100;

/** Sends reads and writes for a while, and returns how many there were, and by which errors some failed. */
async function load(client: DynamoDBClient, forMs: number): Promise<{ sent: number; failed: readonly string[] }> {
  const end = Date.now() + forMs;
  const failed: string[] = [];
  let sent = 0;
  const key = { provider: { S: 'openai' } };
  const send = (): Promise<unknown> =>
    sent++ % 2 === 0
      ? client.send(new GetItemCommand({ TableName: 'keysets', Key: key }))
      : client.send(new PutItemCommand({ TableName: 'audit', Item: key }));
  const work = async (): Promise<void> => {
    while (Date.now() < end || sent <= LEAST) {
      await send().catch((error: unknown) => failed.push((error as Error).name));
      await new Promise((resolve) => setTimeout(resolve, (AT_ONCE / PER_SECOND) * 1_000));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { sent, failed };
}

const CASES: readonly (readonly [string, 'assumed_role' | 'iam_user', AwsEngineOptions])[] = [
  ['an IAM user that is renewed and replaced', 'iam_user', { lease: { lease: '15s', lease_max: '40s' } }],
  [
    'an IAM user whose token ends',
    'iam_user',
    { lease: { lease: '15s', lease_max: '24h' }, role: { token_ttl: '15s', token_max_ttl: '30s' } },
  ],
  // A real server takes no less than 900 seconds, as AWS.
  ...(process.env[REAL_VAULT.address] === undefined ? [['STS', 'assumed_role', { stsSeconds: 15 }] as const] : []),
];

/** The double has them all in `npm run test:long`. */
const TRIED = process.env[REAL_VAULT.address] === undefined ? CASES.slice(0, runs(1, 1)) : CASES;

describe('no request fails because of a credential', () => {
  test.each(TRIED)('%s', async (_name, type, options) => {
    const fast = fastClock();
    const vault = await startVaultUnderTest(() => fast.now());
    const clock = vault.isReal ? systemClock : fast;
    const now = (): number => clock.now();
    let engine: AwsEngineUnderTest | undefined;
    try {
      engine = await mountAws(vault, { now, ...options });
      const { aws } = engine;
      aws.account.userDelayMs = 3_000;
      const { credentials } = await openAwsCredentials([vault.address], engine, { path: engine.paths[type], clock });
      const client = createDynamoDBClient({
        region: REGION,
        endpoint: aws.endpoint,
        ...LIMITS,
        leased: credentials,
        failures,
      });
      const { sent, failed } = await load(client, vault.isReal ? REAL_MS : runs(10, 10) * 1_000);
      expect(failed).toEqual([]);
      expect(sent).toBeGreaterThan(LEAST);
      expect(new Set(aws.requests.map(({ accessKeyId }) => accessKeyId)).size).toBeGreaterThan(1);
      await credentials.end();
    } finally {
      await vault.close();
      await engine?.aws.close();
    }
  });
});
