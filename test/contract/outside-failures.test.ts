/**
 * @jest-environment <rootDir>/test/contract/outer-realm-environment.ts
 */
import { inspect } from 'node:util';
import { createOnceAMinuteFailureLog } from '../../lambdas/adapters/system/once-a-minute-failure-log';
import { KeywardError } from '../../lambdas/core/errors/errors';
import { AMPLE_MS } from '../ample-limits';
import { TestClock } from '../doubles/memory-ports';
import { RecordingLogger } from '../doubles/recording-logger';
import { startFailingAws, type FailingAws, type Failing } from '../doubles/start-failing-aws';
import { CANARY, OUTSIDE_CALLS, REGION, type CallOptions, type OutsideCallCase } from './outside-calls';

type Service = OutsideCallCase['service'];

interface ErrorClass {
  readonly name: string;
  /** The replies, by service. */
  readonly answers: (service: Service) => Failing;
  /** The logged lines about them. */
  readonly logged: (service: Service) => string;
  readonly kind: 'outage' | 'denied' | 'refused';
}

const everywhere = (name: string, status: number): Pick<ErrorClass, 'answers' | 'logged'> => ({
  answers: () => ({ kind: 'error', name, status, message: CANARY }),
  logged: () => name,
});
const byService = (names: Record<Service, readonly [string, number]>): Pick<ErrorClass, 'answers' | 'logged'> => ({
  answers: (service) => ({ kind: 'error', name: names[service][0], status: names[service][1], message: CANARY }),
  logged: (service) => names[service][0],
});

const CLASSES: readonly ErrorClass[] = [
  { name: 'a policy that says no', kind: 'denied', ...everywhere('AccessDeniedException', 400) },
  { name: 'credentials that are no good', kind: 'denied', ...everywhere('UnrecognizedClientException', 400) },
  {
    name: 'something that is not there',
    kind: 'refused',
    ...byService({
      DynamoDB: ['ResourceNotFoundException', 400],
      'Secrets Manager': ['ResourceNotFoundException', 400],
      SQS: ['QueueDoesNotExist', 400],
      Lambda: ['ResourceNotFoundException', 404],
      S3: ['NoSuchBucket', 404],
      KMS: ['NotFoundException', 400],
    }),
  },
  { name: 'a request that is wrong', kind: 'refused', ...everywhere('ValidationException', 400) },
  { name: 'text that is no request', kind: 'refused', ...everywhere('SerializationException', 400) },
  {
    name: 'a key that KMS does not give',
    kind: 'denied',
    ...byService({
      DynamoDB: ['KMSAccessDeniedException', 400],
      'Secrets Manager': ['AccessDeniedException', 400],
      SQS: ['KmsAccessDenied', 400],
      Lambda: ['KMSAccessDeniedException', 502],
      S3: ['AccessDenied', 403],
      KMS: ['AccessDeniedException', 400],
    }),
  },
  {
    name: 'a key that is disabled',
    kind: 'refused',
    ...byService({
      DynamoDB: ['KMSDisabledException', 400],
      'Secrets Manager': ['DecryptionFailure', 400],
      SQS: ['KmsDisabled', 400],
      Lambda: ['KMSDisabledException', 502],
      S3: ['KMS.DisabledException', 400],
      KMS: ['DisabledException', 400],
    }),
  },
  {
    name: 'throttling',
    kind: 'outage',
    ...byService({
      DynamoDB: ['ProvisionedThroughputExceededException', 400],
      'Secrets Manager': ['ThrottlingException', 400],
      SQS: ['RequestThrottled', 403],
      Lambda: ['TooManyRequestsException', 429],
      S3: ['SlowDown', 503],
      KMS: ['ThrottlingException', 400],
    }),
  },
  {
    name: 'a server that fails',
    kind: 'outage',
    ...byService({
      DynamoDB: ['InternalServerError', 500],
      'Secrets Manager': ['InternalServiceError', 500],
      SQS: ['InternalError', 500],
      Lambda: ['ServiceException', 500],
      S3: ['InternalError', 500],
      KMS: ['KMSInternalException', 500],
    }),
  },
  { name: 'an error of no known name', kind: 'refused', ...everywhere(CANARY, 400), logged: () => 'other' },
  { name: 'a connection that breaks', kind: 'outage', answers: () => ({ kind: 'reset' }), logged: () => 'ECONNRESET' },
];

const inherited = { ...process.env };
let aws: FailingAws;
let clock: TestClock;
let logger: RecordingLogger;
let options: CallOptions;

beforeEach(async () => {
  // An own server, because calls of the test before may still be on their way.
  aws = await startFailingAws();
  clock = new TestClock();
  logger = new RecordingLogger();
  useEndpoint(aws.endpoint);
});
afterEach(async () => {
  process.env = { ...inherited };
  await aws.close();
});

function useEndpoint(endpoint: string): void {
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example-not-a-secret',
    AWS_ENDPOINT_URL_SQS: endpoint,
    AWS_ENDPOINT_URL_LAMBDA: endpoint,
  });
  const failures = createOnceAMinuteFailureLog({ clock, logger });
  options = { endpoint, failures, clock, requestTimeoutMs: AMPLE_MS, maxAttempts: 1 };
}

async function failureOf({ run }: OutsideCallCase): Promise<KeywardError> {
  const error = await run(options).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof KeywardError) return error;
  throw new Error('it did not fail as it should');
}

/** Lines about the call itself: a write whose answer is lost is followed by a read, which fails too. */
const linesOf = ({ operation }: OutsideCallCase) =>
  logger.lines.filter(({ fields }) => fields?.operation === operation);

function expectNoCanary(error: unknown): void {
  const shown = inspect([logger.lines, error], { depth: Infinity, showHidden: true, maxStringLength: null });
  expect(shown).not.toContain(CANARY);
}

describe.each(CLASSES)('$name', ({ answers, logged, kind }) => {
  test.each(OUTSIDE_CALLS)('$name: is named, once a minute', async (call) => {
    aws.failing = answers(call.service);
    const error = await failureOf(call);
    const expected = {
      service: call.service,
      operation: isSplit(call, error) ? ONE_BY_ONE[call.operation] : call.operation,
      region: REGION,
      name: logged(call.service),
      kind,
    };
    expect(error.code).toBe(call.code);
    expect(error.outside).toMatchObject(kind === 'outage' ? { kind } : expected);
    // Nothing is sent twice that would be refused again; a write is not even looked for.
    const sent = aws.requests.map(({ operation, body }) => `${operation} ${body}`);
    if (kind !== 'outage') {
      expect(new Set(aws.requests.map(({ operation }) => operation))).toEqual(
        new Set([call.operation, expected.operation]),
      );
      if (!isSplit(call, error)) expect(new Set(sent).size).toBe(sent.length);
    }
    await failureOf(call);
    const line = { operation: call.operation, region: REGION, error_name: logged(call.service) };
    expect(linesOf(call)).toMatchObject([{ level: kind === 'outage' ? 'warn' : 'error', fields: line }]);
    for (const { fields } of logger.lines)
      expect(['error_name', 'operation', 'reason', 'region']).toEqual(
        expect.arrayContaining(Object.keys(fields ?? {})),
      );
    clock.time += 60_000;
    await failureOf(call);
    expect(linesOf(call).length).toBe(2);
    expectNoCanary(error);
  });
});

/** The call by which the events of a group go one by one. */
const ONE_BY_ONE: Readonly<Record<string, string>> = {
  BatchWriteItem: 'BatchWriteItem',
  BatchExecuteStatement: 'PutItem',
};

/** An event that the table refuses must not fail the others of its group; nor may an error of the call itself. */
const SPLIT: Readonly<Record<string, RegExp>> = {
  BatchWriteItem: /^(Validation|Serialization)Exception$/,
  BatchExecuteStatement: /^(AccessDenied|Serialization|UnknownOperation|Validation)Exception$/,
};
const isSplit = ({ operation }: OutsideCallCase, { outside }: KeywardError): boolean =>
  SPLIT[operation]?.test(outside?.name ?? '') === true;

test.each(OUTSIDE_CALLS)('$name: an answer that does not come is named', async (call) => {
  aws.failing = { kind: 'hang' };
  options = { ...options, requestTimeoutMs: 150 };
  const error = await failureOf(call);
  expect(error.code).toBe(call.code);
  expect(linesOf(call)).toMatchObject([{ level: 'warn', fields: { region: REGION, error_name: 'TimeoutError' } }]);
  expectNoCanary(error);
});

test.each(OUTSIDE_CALLS)('$name: a connection that is refused is named', async (call) => {
  const gone = await startFailingAws();
  await gone.close();
  useEndpoint(gone.endpoint);
  const error = await failureOf(call);
  expect(error.code).toBe(call.code);
  expect(linesOf(call)).toMatchObject([{ level: 'warn', fields: { region: REGION, error_name: 'ECONNREFUSED' } }]);
  expectNoCanary(error);
});

describe('credentials that are not there', () => {
  const none = Object.assign(new Error(CANARY), { name: 'CredentialsProviderError' });
  const calls = OUTSIDE_CALLS.filter(({ service }) => service === 'DynamoDB' || service === 'Secrets Manager');

  test.each(calls)('$name: are named, and nothing is sent', async (call) => {
    // The same error object for calls at the same time, as the SDK returns it.
    options = { ...options, credentials: () => Promise.reject(none) };
    const error = await failureOf(call);
    expect(error.code).toBe(call.code);
    expect(error.outside).toMatchObject({
      operation: call.operation,
      name: 'CredentialsProviderError',
      kind: 'denied',
    });
    expect(logger.lines).toMatchObject([
      { level: 'error', fields: { operation: call.operation, region: REGION, error_name: 'CredentialsProviderError' } },
    ]);
    expect(aws.requests).toEqual([]);
    expectNoCanary(error);
  });

  test('are named for each of two operations that wait for them at the same time', async () => {
    options = { ...options, credentials: () => Promise.reject(none) };
    const calls = OUTSIDE_CALLS.filter(({ name }) => name === 'keyset: get' || name === 'credential: put');
    await Promise.all(calls.map((call) => failureOf(call)));
    expect(logger.lines.map(({ fields }) => fields?.operation).sort()).toEqual(['GetItem', 'PutItem']);
  });
});

describe('the SDK itself', () => {
  const calls = ['keyset: get', 'KEK secret: versions', 'rewrap queue: send', 'region prover'].map(
    (name) => OUTSIDE_CALLS.find((call) => call.name === name) as OutsideCallCase,
  );
  const cases = CLASSES.filter((each) => each.name !== 'throttling').flatMap((each) =>
    calls.map((call) => ({ each, call })),
  );

  test.each(cases)('sends $each.name again only where it is an outage ($call.name)', async ({ each, call }) => {
    options = { ...options, maxAttempts: 3 };
    aws.failing = each.answers(call.service);
    await failureOf(call);
    expect(aws.requests.length).toBe(each.kind === 'outage' ? 3 : 1);
    expect(logger.lines.length).toBe(1);
  });
});
