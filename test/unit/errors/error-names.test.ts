import { errorNameOf, failureKindOf, toErrorName } from '../../../lambdas/core/errors/error-names';
import { toOutsideFailure } from '../../../lambdas/core/errors/outside-failure';

const CANARY = 'sk-example-not-a-real-key-canary';

const answered = (name: string, httpStatusCode: number, more: object = {}): unknown =>
  Object.assign(new Error(CANARY), { name, $metadata: { httpStatusCode }, ...more });

describe('a name', () => {
  test.each([
    ['AccessDeniedException', 'AccessDeniedException'],
    ['com.amazonaws.dynamodb.v20120810#ResourceNotFoundException', 'ResourceNotFoundException'],
    ['com.amazon.coral.service#UnrecognizedClientException', 'UnrecognizedClientException'],
    ['ValidationException:http://internal.amazon.com/coral/com.amazon.coral.validate/', 'ValidationException'],
    ['AccessDenied;Sender', 'AccessDenied'],
    ['AWS.SimpleQueueService.NonExistentQueue', 'AWS.SimpleQueueService.NonExistentQueue'],
    ['KMS.AccessDeniedException', 'KMS.AccessDeniedException'],
    ['Error', 'other'],
    ['constructor', 'other'],
    [`AccessDeniedException ${CANARY}`, 'other'],
    [CANARY, 'other'],
    ['', 'other'],
  ])('%s is logged as %s', (name, logged) => {
    expect(errorNameOf(answered(name, 400))).toBe(logged);
  });

  test.each([undefined, null, 'AccessDeniedException', 7, { name: 7 }, { name: { toString: () => CANARY } }])(
    'of what is no error is other',
    (thrown) => {
      expect(errorNameOf(thrown)).toBe('other');
    },
  );

  test('of a system error is its code, whatever the SDK made of its name', () => {
    expect(errorNameOf(Object.assign(new Error(), { name: 'TimeoutError', code: 'ECONNREFUSED' }))).toBe(
      'ECONNREFUSED',
    );
    expect(errorNameOf(Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }))).toBe('ECONNREFUSED');
    expect(errorNameOf(Object.assign(new Error(), { name: 'TimeoutError', code: CANARY }))).toBe('TimeoutError');
    expect(errorNameOf(Object.assign(new Error(), { name: 'TimeoutError', code: 'ETIMEDOUT' }))).toBe('TimeoutError');
    expect(errorNameOf(Object.assign(new Error(), { code: 'ETIMEDOUT' }))).toBe('ETIMEDOUT');
  });

  test('is not taken from the code of an answer', () => {
    expect(errorNameOf(answered('AccessDeniedException', 400, { code: 'ECONNREFUSED' }))).toBe('AccessDeniedException');
  });

  test('is on the list or other', () => {
    expect(toErrorName('ENOSPC')).toBe('ENOSPC');
    expect(toErrorName(CANARY)).toBe('other');
    expect(toErrorName(undefined)).toBe('other');
  });
});

describe('the kind', () => {
  test.each([
    ['AccessDeniedException', 400, 'denied'],
    ['KMSAccessDeniedException', 502, 'denied'],
    ['UnrecognizedClientException', 400, 'denied'],
    ['ResourceNotFoundException', 400, 'refused'],
    ['ValidationException', 400, 'refused'],
    ['SerializationException', 400, 'refused'],
    ['KMSDisabledException', 502, 'refused'],
    ['DecryptionFailure', 400, 'refused'],
    ['ThrottlingException', 400, 'outage'],
    ['RequestThrottled', 403, 'outage'],
    ['InternalServerError', 500, 'outage'],
    [CANARY, 400, 'refused'],
    [CANARY, 403, 'refused'],
    [CANARY, 408, 'outage'],
    [CANARY, 429, 'outage'],
    [CANARY, 500, 'outage'],
    [CANARY, 200, 'outage'],
  ])('of %s with status %d is %s', (name, status, kind) => {
    expect(failureKindOf(answered(name, status))).toBe(kind);
  });

  test('of what came without an answer is an outage, unless nothing can have been sent', () => {
    expect(failureKindOf(Object.assign(new Error(), { code: 'ECONNRESET' }))).toBe('outage');
    expect(failureKindOf(new TypeError())).toBe('outage');
    expect(failureKindOf(undefined)).toBe('outage');
    expect(failureKindOf(Object.assign(new Error(), { name: 'CredentialsProviderError' }))).toBe('denied');
    expect(failureKindOf(Object.assign(new Error(), { code: 'CERT_HAS_EXPIRED' }))).toBe('refused');
  });
});

test('a failure has who was asked for what, and nothing else of what was thrown', () => {
  const call = { service: 'DynamoDB', operation: 'PutItem', region: 'eu-west-1', secret: CANARY };
  expect(toOutsideFailure(call, answered('AccessDeniedException', 400))).toEqual({
    service: 'DynamoDB',
    operation: 'PutItem',
    region: 'eu-west-1',
    name: 'AccessDeniedException',
    kind: 'denied',
  });
});
