/**
 * @jest-environment <rootDir>/test/contract/outer-realm-environment.ts
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { createOnceAMinuteFailureLog } from '../../lambdas/adapters/system/once-a-minute-failure-log';
import type { KeywardError } from '../../lambdas/core/errors/errors';
import { TestClock } from '../doubles/memory-ports';
import { RecordingLogger } from '../doubles/recording-logger';
import { startFailingAws, type FailingAws, type Failing } from '../doubles/start-failing-aws';
import { CANARY, OUTSIDE_CALLS, type CallOptions } from './outside-calls';

/** Results of unusable answers, and of calls whose parts fail in different ways. */

const inherited = { ...process.env };
let aws: FailingAws;
let logger: RecordingLogger;
let options: CallOptions;

beforeEach(async () => {
  aws = await startFailingAws();
  const clock = new TestClock();
  logger = new RecordingLogger();
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example-not-a-secret',
    AWS_ENDPOINT_URL_SQS: aws.endpoint,
    AWS_ENDPOINT_URL_LAMBDA: aws.endpoint,
  });
  const failures = createOnceAMinuteFailureLog({ clock, logger });
  options = { endpoint: aws.endpoint, failures, clock, requestTimeoutMs: 60_000, maxAttempts: 1 };
});
afterEach(async () => {
  process.env = { ...inherited };
  await aws.close();
});

const run = (name: string): Promise<unknown> => {
  const call = OUTSIDE_CALLS.find((each) => each.name === name);
  if (call === undefined) throw new Error(`there is no call ${name}`);
  return call.run(options);
};
const failureOf = (name: string): Promise<KeywardError> =>
  run(name).then(
    () => {
      throw new Error('it did not fail');
    },
    (thrown: unknown) => thrown as KeywardError,
  );
const operations = (): string[] => aws.requests.map(({ operation }) => operation);
const error = (name: string, status = 400): Failing => ({ kind: 'error', name, status, message: CANARY });
const logged = (): unknown[] => logger.lines.map(({ fields }) => [fields?.operation, fields?.error_name]);
afterEach(() => {
  expect(inspect(logger.lines, { depth: Infinity })).not.toContain(CANARY);
});

describe('a write of which nobody can say whether it was applied', () => {
  const lostThen = (second: Failing): void => {
    let writes = 0;
    aws.failing = (operation) => {
      if (operation !== 'PutItem') return { kind: 'answer', body: '{}' };
      writes += 1;
      return writes === 1 ? { kind: 'reset' } : second;
    };
  };

  test.each(['keyset: create', 'credential: put', 'rotation: put'])(
    '(%s) because the SDK met a refusal the second time, is looked for and not sent again',
    async (name) => {
      lostThen(error('AccessDeniedException'));
      options = { ...options, maxAttempts: 2 };
      await expect(run(name)).resolves.toBe('unknown');
      expect(operations()).toEqual(['PutItem', 'PutItem', 'GetItem']);
    },
  );

  test('is sent once more after an outage; where that is refused, it stays unknown', async () => {
    lostThen(error('AccessDeniedException'));
    const { code, outside } = await failureOf('keyset: create');
    expect([code, outside?.kind]).toEqual(['store_unavailable', 'outage']);
    expect(operations()).toEqual(['PutItem', 'GetItem', 'PutItem', 'GetItem']);
    expect(logged()).toEqual([
      ['PutItem', 'ECONNRESET'],
      ['PutItem', 'AccessDeniedException'],
    ]);
  });

  test('is unknown where whoever writes may not read', async () => {
    aws.failing = (operation) => (operation === 'PutItem' ? { kind: 'reset' } : error('AccessDeniedException'));
    await expect(run('keyset: create')).resolves.toBe('unknown');
    expect(operations()).toEqual(['PutItem', 'GetItem']);
  });

  test('is store_unavailable, an outage, where neither is answered', async () => {
    aws.failing = { kind: 'reset' };
    const { code, outside } = await failureOf('keyset: create');
    expect([code, outside?.kind]).toEqual(['store_unavailable', 'outage']);
  });
});

test('a group commit of which a part stays undone tries again, and is named', async () => {
  let left: unknown;
  aws.failing = () => {
    left ??= JSON.parse(aws.requests[0]!.body);
    return {
      kind: 'answer',
      body: JSON.stringify({ UnprocessedItems: (left as { RequestItems: unknown }).RequestItems }),
    };
  };
  const { code, outside } = await failureOf('audit: group commit');
  expect([code, outside?.name, outside?.kind]).toEqual(['audit_unavailable', 'UnprocessedItems', 'outage']);
  expect(operations().length).toBeGreaterThan(2);
  expect(logged()).toEqual([['BatchWriteItem', 'UnprocessedItems']]);
});

describe('a batch of messages of which some were not taken', () => {
  const failed = (code: string, senderFault: boolean): Failing => ({
    kind: 'answer',
    body: JSON.stringify({ Failed: [{ Id: '0', Code: code, SenderFault: senderFault, Message: CANARY }] }),
  });

  test.each([
    ['InternalError', false, 2, 'InternalError'],
    ['KMS.ThrottlingException', true, 1, 'KMS.ThrottlingException'],
    ['AccessDenied', true, 1, 'AccessDenied'],
    ['KmsDisabled', false, 1, 'KmsDisabled'],
    ['InvalidMessageContents', true, 1, 'InvalidMessageContents'],
    [CANARY, false, 2, 'UnusableAnswer'],
  ])('(%s, fault of the sender: %s) is sent %d times, and named', async (code, senderFault, times, name) => {
    aws.failing = failed(code, senderFault);
    expect((await failureOf('rotation queue: send')).outside?.name).toBe(name);
    expect(aws.requests).toHaveLength(times);
    expect(logged()).toEqual([['SendMessageBatch', name]]);
  });
});

describe('a function that fails', () => {
  test.each([
    ['Sandbox.Timedout', 'Sandbox.Timedout'],
    ['Runtime.OutOfMemory', 'Runtime.OutOfMemory'],
    [CANARY, 'FunctionError'],
    [undefined, 'FunctionError'],
  ])('with %s is named %s', async (errorType, name) => {
    const headers = { 'x-amz-function-error': 'Unhandled' };
    aws.failing = { kind: 'answer', headers, body: JSON.stringify({ errorType, errorMessage: CANARY }) };
    expect((await failureOf('region prover')).code).toBe('store_unavailable');
    expect(logged()).toEqual([['Invoke', name]]);
  });

  test.each(['{"proof":7}', CANARY, '', '{"proof":"a","more":1}'])('to answer as it should is named', async (body) => {
    aws.failing = { kind: 'answer', body };
    expect((await failureOf('region prover')).outside).toMatchObject({ name: 'UnusableAnswer', kind: 'outage' });
    expect(logged()).toEqual([['Invoke', 'UnusableAnswer']]);
  });
});

test.each([
  ['KEK secret: current', '{"VersionId":"v"}', 'UnusableAnswer'],
  ['KEK provider', `{"VersionId":"v","SecretString":"${CANARY}"}`, 'KeywardError'],
])('%s: an answer that cannot be used is named', async (name, body, errorName) => {
  aws.failing = { kind: 'answer', body };
  await failureOf(name);
  expect(logged()).toEqual([['GetSecretValue', errorName]]);
});

test('what is no JSON, from whoever stands in the way, is named', async () => {
  aws.failing = { kind: 'answer', body: `<html>${CANARY}` };
  expect((await failureOf('keyset: get')).code).toBe('store_unavailable');
  // `other` is of Jest's realm, whose SyntaxError is not the Error of this environment.
  expect(logged()).toEqual([['GetItem', expect.stringMatching(/^(SyntaxError|other)$/)]]);
});

test('no client of the SDK is made but by the one function that bounds it and has its failures named', () => {
  const directory = join(__dirname, '../../lambdas/adapters/aws');
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const having = (what: RegExp): string[] =>
    files.filter((file) => what.test(readFileSync(join(directory, file), 'utf8'))).sort();
  expect(having(/new \w*Client\(/)).toEqual(['bounded-client.ts']);
  expect(having(/return nameFailures\(client/)).toEqual(['bounded-client.ts']);
  expect(having(/boundedClient\(\w+Client, /)).toEqual([
    'dynamodb/dynamodb-client.ts',
    'kms/kms-client.ts',
    'lambda/lambda-kek-rotation.ts',
    'lambda/lambda-log-publisher.ts',
    'lambda/region-function.ts',
    's3/s3-client.ts',
    'secrets-manager/secrets-manager-client.ts',
    'sqs/send-messages.ts',
    'sqs/sqs-rewrap-queue.ts',
  ]);
});
