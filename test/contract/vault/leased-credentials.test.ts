import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { boundedClient } from '../../../lambdas/adapters/aws/bounded-client';
import { createCredentialsProbe } from '../../../lambdas/adapters/aws/dynamodb/credentials-probe';
import { createDynamoDBClient } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-client';
import type { LeasedCredentials } from '../../../lambdas/adapters/aws/leased-credentials';
import { AMPLE } from '../../ample-limits';
import { RecordingFailures } from '../../doubles/recording-failures';
import { startFailingAws, type FailingAws } from '../../doubles/start-failing-aws';
import { startAwsAccount } from '../../doubles/vault/start-aws-account';

/** Clients of AWS whose credentials come from Vault: with the real SDK, against a double that looks at the keys of each request. */

const LIMITS = { ...AMPLE, maxAttempts: 2 };
const REGION = 'us-east-1';
const failures = new RecordingFailures();

/** Keys by number, the newest served. */
function numbered(): LeasedCredentials & { readonly seen: string[]; newest: number; mayRepeat: boolean } {
  const leased = {
    seen: [] as string[],
    newest: 1,
    mayRepeat: true,
    current: () => Promise.resolve({ accessKeyId: `KEY-${leased.newest}`, secretAccessKey: 'secret' }),
    refused: (accessKeyId: string) => {
      leased.seen.push(accessKeyId);
      if (leased.mayRepeat) leased.newest += 1;
      return leased.mayRepeat;
    },
  };
  return leased;
}

describe('a request whose keys are refused is sent once more with others', () => {
  let aws: FailingAws;
  beforeEach(async () => {
    aws = await startFailingAws();
  });
  afterEach(() => aws.close());

  const base = () => ({ region: REGION, endpoint: aws.endpoint, ...LIMITS, failures });
  const CALLS = {
    DynamoDB: (leased: LeasedCredentials) =>
      createDynamoDBClient({ ...base(), leased }).send(
        new GetItemCommand({ TableName: 'keysets', Key: { provider: { S: 'a' } } }),
      ),
    'Secrets Manager': (leased: LeasedCredentials) =>
      boundedClient(SecretsManagerClient, { ...base(), leased }).send(new GetSecretValueCommand({ SecretId: 'kek' })),
    SQS: (leased: LeasedCredentials) =>
      boundedClient(SQSClient, { ...base(), leased }).send(
        new SendMessageCommand({ QueueUrl: `${aws.endpoint}/1/queue`, MessageBody: 'a' }),
      ),
    Lambda: (leased: LeasedCredentials) =>
      boundedClient(LambdaClient, { ...base(), leased }).send(
        new InvokeCommand({ FunctionName: 'prove', Payload: '{}' }),
      ),
  };
  const SERVICES = Object.keys(CALLS) as (keyof typeof CALLS)[];
  const NAMES = ['ExpiredTokenException', 'UnrecognizedClientException', 'InvalidClientTokenId'];
  const refuse = (name: string) => ({ kind: 'error', name, status: 400, message: 'canary' }) as const;
  /** SQS's has the MD5 of the message, which its client checks. */
  const ANSWER = { kind: 'answer', body: '{"MD5OfMessageBody":"0cc175b9c0f1b6a831c399e269772661"}' } as const;

  test.each(SERVICES.flatMap((service) => NAMES.map((name) => [service, name] as const)))(
    '%s: %s',
    async (service, name) => {
      const leased = numbered();
      aws.failing = () => (aws.requests.length === 1 ? refuse(name) : ANSWER);
      await CALLS[service](leased);
      expect(leased.seen).toEqual(['KEY-1']);
      expect(aws.requests.map(({ keyId }) => keyId)).toEqual(['KEY-1', 'KEY-2']);
      expect(aws.requests[1]!.body).toBe(aws.requests[0]!.body);
    },
  );

  test('only once, and not where the credentials say no', async () => {
    const leased = numbered();
    aws.failing = refuse('ExpiredTokenException');
    await expect(CALLS.DynamoDB(leased)).rejects.toMatchObject({ name: 'ExpiredTokenException' });
    expect(aws.requests).toHaveLength(2);
    leased.mayRepeat = false;
    await expect(CALLS.DynamoDB(leased)).rejects.toMatchObject({ name: 'ExpiredTokenException' });
    expect(aws.requests).toHaveLength(3);
  });

  test.each(['AccessDeniedException', 'ValidationException', 'ConditionalCheckFailedException'])(
    'not for %s',
    async (name) => {
      const leased = numbered();
      aws.failing = refuse(name);
      await expect(CALLS.DynamoDB(leased)).rejects.toMatchObject({ name });
      expect([aws.requests.length, leased.seen]).toEqual([1, []]);
    },
  );

  test('the keys are asked for at every request, not kept by the SDK', async () => {
    const leased = numbered();
    aws.failing = ANSWER;
    const client = createDynamoDBClient({ ...base(), leased });
    const get = () => client.send(new GetItemCommand({ TableName: 'keysets', Key: { provider: { S: 'a' } } }));
    await get();
    leased.newest = 7;
    await get();
    expect(aws.requests.map(({ keyId }) => keyId)).toEqual(['KEY-1', 'KEY-7']);
  });

  test('without keys nothing is sent, and the error has the name of the failure', async () => {
    const leased: LeasedCredentials = {
      current: () => Promise.reject(Object.assign(new Error('none'), { name: 'VaultSealed' })),
      refused: () => true,
    };
    await expect(CALLS.DynamoDB(leased)).rejects.toMatchObject({ name: 'VaultSealed' });
    expect(aws.requests).toEqual([]);
  });

  test('the probe: a region that denies, or none that answers, is a no; one that is away says nothing', async () => {
    const regions = ['us-east-1', 'eu-west-1'];
    const before = process.env['AWS_ENDPOINT_URL'];
    process.env['AWS_ENDPOINT_URL'] = aws.endpoint;
    try {
      const probe = createCredentialsProbe({ regions, table: 'keysets', failures });
      const keys = { accessKeyId: 'KEY', secretAccessKey: 'secret' };
      const outcome = (...answers: readonly (typeof ANSWER | ReturnType<typeof refuse>)[]) => {
        const first = aws.requests.length;
        aws.failing = () => answers[aws.requests.length - first - 1]!;
        return probe(keys);
      };
      const missing = refuse('ResourceNotFoundException');
      await expect(outcome(ANSWER, ANSWER)).resolves.toBe(true);
      await expect(outcome(ANSWER, missing)).resolves.toBe(true);
      await expect(outcome(ANSWER, refuse('AccessDeniedException'))).resolves.toBe(false);
      await expect(outcome(refuse('UnrecognizedClientException'), ANSWER)).resolves.toBe(false);
      const away = refuse('InternalServerError');
      await expect(outcome(ANSWER, away)).resolves.toBe(true);
      await expect(outcome(away, away)).resolves.toBe(false);
      expect(JSON.parse(aws.requests[0]!.body)).toEqual({ TableName: 'keysets', Key: { provider: { S: '-' } } });
    } finally {
      if (before === undefined) delete process.env['AWS_ENDPOINT_URL'];
      else process.env['AWS_ENDPOINT_URL'] = before;
    }
  });
});

test('the double of the account refuses what is expired, deleted, unknown or without its token', async () => {
  let time = 0;
  const running = await startAwsAccount(() => time);
  const { account } = running;
  account.userDelayMs = 10;
  const [session, user] = [account.newSession(1), account.newUser()];
  const judged = () => [
    account.errorOf(session.accessKeyId, session.sessionToken),
    account.errorOf(session.accessKeyId, undefined),
    account.errorOf(user.accessKeyId, undefined),
  ];
  const unknown = 'UnrecognizedClientException';
  expect(judged()).toEqual([undefined, unknown, unknown]);
  time = 1_000;
  expect(judged()).toEqual(['ExpiredTokenException', unknown, undefined]);
  account.delete(user.accessKeyId);
  expect(judged()[2]).toBe(unknown);
  await running.close();
});
