import { createHash } from 'node:crypto';
import { readAccessLogLine } from '../../../lambdas/core/refusals/access-log-line';
import { gatewayRefusal } from '../../../lambdas/core/refusals/gateway-refusal';
import { OPERATIONS } from '../../../lambdas/core/runtime/operations';
import { isAskedUnbidden } from '../../../local/gateway/asked-unbidden';
import { accessLine } from '../../doubles/access-log';

const judged = (values: Readonly<Record<string, string>> = {}) => {
  const read = readAccessLogLine(accessLine(values));
  return read === undefined ? 'unreadable' : gatewayRefusal(read);
};

const ARN = 'arn:aws:sts::111111111111:assumed-role/search/i-0123456789abcdef0';

test.each([
  ['MISSING_AUTHENTICATION_TOKEN', '403', 'signature_missing', 'access_denied', 'access denied'],
  ['INVALID_SIGNATURE', '403', 'signature_invalid', 'access_denied', 'access denied'],
  ['UNAUTHORIZED', '403', 'signature_invalid', 'access_denied', 'access denied'],
  ['EXPIRED_TOKEN', '403', 'credentials_expired', 'access_denied', 'access denied'],
  ['ACCESS_DENIED', '403', 'policy_denied', 'access_denied', 'access denied'],
  ['WAF_FILTERED', '403', 'firewall_blocked', 'access_denied', 'access denied'],
  ['THROTTLED', '429', 'throttled', 'throttled', 'too many requests; try again'],
  ['QUOTA_EXCEEDED', '429', 'gateway_refused', 'throttled', 'too many requests; try again'],
  ['DEFAULT_4XX', '403', 'gateway_refused', 'access_denied', 'access denied'],
  ['-', '403', 'gateway_refused', 'access_denied', 'access denied'],
  ['constructor', '403', 'gateway_refused', 'access_denied', 'access denied'],
])('%s with %s is a refusal: %s', (type, status, reason, code, message) => {
  expect(judged({ 'error.responseType': type, status })).toMatchObject({
    countedAs: '192.0.2.1',
    refusal: {
      address: '192.0.2.1',
      userAgent: 'test/1.0',
      reason,
      code,
      operation: 'GET /v1/providers',
      provider: null,
      keyVersion: null,
    },
    caller: { userId: null, message },
  });
});

test('its id begins with the time of the request and goes on with the hash of its id', () => {
  const at = Date.parse('2026-11-21T09:00:00.123Z');
  const requestId = '3f1c1d5e-9a3b-4f57-8d7c-0c9f1f8f2a11';
  const hash = createHash('sha256').update(`refusal${requestId}`).digest('hex');
  expect(judged({ requestId, requestTimeEpoch: String(at) })).toMatchObject({
    at,
    id: `01a1fd557afb${hash.slice(0, 20)}`,
    refusal: { requestId },
  });
});

test('who was verified is named, and not counted with others; who was not allowed by an address alone is', () => {
  expect(judged({ 'error.responseType': 'ACCESS_DENIED', 'identity.userArn': ARN })).toMatchObject({
    countedAs: undefined,
    caller: { userId: ARN },
  });
  expect(judged({ 'error.responseType': 'ACCESS_DENIED' })).toMatchObject({ countedAs: '192.0.2.1' });
  // A flood of somebody verified is a flood.
  expect(judged({ 'error.responseType': 'THROTTLED', status: '429', 'identity.userArn': ARN })).toMatchObject({
    countedAs: '192.0.2.1',
    caller: { userId: ARN },
  });
});

test.each([
  [{ status: '200' }, 'answered'],
  [{ status: '404' }, 'answered'],
  [{ status: '413', 'error.responseType': 'REQUEST_TOO_LARGE' }, 'answered'],
  [{ status: '415', 'error.responseType': 'UNSUPPORTED_MEDIA_TYPE' }, 'answered'],
  [{ status: '-' }, 'answered'],
  [{ status: 'toString' }, 'answered'],
  // A function has answered, and recorded it.
  [{ status: '403', 'integration.status': '200', 'error.responseType': '-' }, 'answered'],
  [{ resourcePath: '-' }, 'unrouted'],
  [{ resourcePath: '' }, 'unrouted'],
  [{ resourcePath: '/' }, 'unrouted'],
  [{ httpMethod: '-' }, 'unrouted'],
  [{ resourcePath: '/readyz' }, 'monitor'],
  [{ resourcePath: '/readyz', httpMethod: 'HEAD' }, 'monitor'],
  [{ requestTimeEpoch: '-' }, 'malformed'],
  [{ requestTimeEpoch: '999999999999999' }, 'malformed'],
  [{ extendedRequestId: '-"' }, 'unreadable'],
  [{ extendedRequestId: 'ä' }, 'malformed'],
])('%j is none: %s', (values, expected) => {
  expect(judged(values)).toBe(expected);
});

test('who is refused for a signature or by the firewall is, with and without a route', () => {
  for (const type of ['INVALID_SIGNATURE', 'WAF_FILTERED']) {
    expect(judged({ 'error.responseType': type, resourcePath: '-' })).toMatchObject({
      refusal: { operation: undefined },
    });
  }
  expect(judged({ resourcePath: '/readyz', httpMethod: 'POST' })).toMatchObject({ refusal: { code: 'access_denied' } });
  expect(judged({ resourcePath: '/readyz', 'error.responseType': 'ACCESS_DENIED' })).toMatchObject({
    refusal: { reason: 'policy_denied' },
  });
});

test('of the routes local mode leaves no event of the same ones', () => {
  for (const { method, path } of Object.values(OPERATIONS)) {
    const isNone = judged({ httpMethod: method, resourcePath: path }) === 'monitor';
    expect([method, path, isNone]).toEqual([method, path, isAskedUnbidden(method, path)]);
  }
});

test('what is no address, no principal, no id or no program is left out', () => {
  expect(
    judged({
      'identity.sourceIp': '-',
      'identity.userArn': 'somebody',
      'identity.userAgent': '-',
      requestId: 'sk-not/an id',
      extendedRequestId: 'AbCd=',
      'error.responseType': 'ACCESS_DENIED',
    }),
  ).toMatchObject({
    countedAs: 'unknown',
    refusal: { address: null, userAgent: null, requestId: 'AbCd=' },
    caller: { userId: null },
  });
});
