import { GetItemCommand, PutItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createDynamoDBClient } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-client';
import type { Clock } from '../../../lambdas/core/ports/clock';
import { RecordingFailures } from '../../doubles/recording-failures';
import { startVault } from '../../doubles/vault/start-vault';
import { runs } from '../../effort';
import { mountAws, openAwsCredentials, type AwsEngineOptions, type AwsEngineUnderTest } from './aws-under-test';
import { callVault } from './vault-under-test';

/** Leases of 15 seconds under 300 requests a second: with the real SDK, and a clock that runs ten times as fast. */

const LIMITS = { requestTimeoutMs: 600_000, connectionTimeoutMs: 600_000, maxAttempts: 2 };
const REGION = 'us-east-1';
const failures = new RecordingFailures();

const SPEED = 10;
function fastClock(): Clock {
  const start = Date.now();
  return {
    now: () => start + (Date.now() - start) * SPEED,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms / SPEED)),
  };
}

/** Sends requests for a while at a rate and returns how many of them failed by which error. */
async function load(
  client: DynamoDBClient,
  perSecond: number,
  forMs: number,
): Promise<{ sent: number; failed: readonly string[] }> {
  const end = Date.now() + forMs;
  const sent: Promise<string | undefined>[] = [];
  while (Date.now() < end) {
    for (let count = 0; count < perSecond / 50; count += 1) {
      const isRead = sent.length % 2 === 0;
      const key = { provider: { S: 'openai' } };
      const call = isRead
        ? client.send(new GetItemCommand({ TableName: 'keysets', Key: key }))
        : client.send(new PutItemCommand({ TableName: 'audit', Item: key }));
      sent.push(
        call.then(
          () => undefined,
          (error: unknown) => (error as Error).name,
        ),
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const names = await Promise.all(sent);
  return { sent: names.length, failed: names.filter((each) => each !== undefined) };
}

describe('no request fails because of a credential', () => {
  test.each([
    ['STS', 'assumed_role', { stsSeconds: 15 }],
    ['an IAM user that is renewed and replaced', 'iam_user', { lease: { lease: '15s', lease_max: '40s' } }],
    [
      'an IAM user whose token ends',
      'iam_user',
      { lease: { lease: '15s', lease_max: '24h' }, role: { token_ttl: '15s', token_max_ttl: '30s' } },
    ],
  ] as const)('%s', async (_name, type, options: AwsEngineOptions) => {
    const clock = fastClock();
    const now = (): number => clock.now();
    const vault = await startVault(now);
    let engine: AwsEngineUnderTest | undefined;
    try {
      const admin: Parameters<typeof mountAws>[0]['admin'] = (method, path, body, headers) =>
        callVault(vault.address, method, path, body, { 'x-vault-token': vault.rootToken, ...headers });
      engine = await mountAws({ ...vault, isReal: false, admin }, { now, ...options });
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
      const { sent, failed } = await load(client, 300, runs(6, 5) * 1_000);
      expect(failed).toEqual([]);
      expect(sent).toBeGreaterThan(300);
      expect(new Set(aws.requests.map(({ accessKeyId }) => accessKeyId)).size).toBeGreaterThan(1);
      const refusals = aws.requests.filter(({ status }) => status !== 200).length;
      expect(refusals).toBeLessThan(sent / 50);
      await credentials.end();
    } finally {
      await vault.close();
      await engine?.aws.close();
    }
  });
});
