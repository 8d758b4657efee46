import * as z from 'zod/mini';
import type { ApiFunction } from '../../../lambdas/core/contract/functions';
import { validate } from '../../../lambdas/core/http/validation';
import { proxyEventOf } from './proxy-event-of';
import { bodyOf, testApi } from './test-api';

const MOST_BYTES = 327_680;
const CANARY = 'sk-example-canary-not-a-real-key';
const encryptPath = '/v1/providers/openai/encrypt';
const credentialPath = '/v1/providers/openai/credentials/default';

const refusalOf = async (name: ApiFunction, request: Parameters<typeof proxyEventOf>[0]) => {
  const { call, log } = testApi();
  const reply = await call(name, request);
  expect(reply.body + JSON.stringify(log)).not.toContain(CANARY);
  return [reply.statusCode, bodyOf(reply)['code'], bodyOf(reply)['detail']];
};

const invalid = (detail: string) => [400, 'invalid_request', detail];
const nested = (levels: number): unknown => (levels === 0 ? CANARY : { a: nested(levels - 1) });

const INEXACT = 'the JSON has a number that cannot be kept exactly';

describe('a body', () => {
  it.each<[string, unknown, string]>([
    ['missing', undefined, 'the body is missing'],
    ['white space alone', ' \t\r\n', 'the body is missing'],
    ['other blanks', '\u00a0', 'the text is not JSON'],
    ['not JSON', `{"plaintext":"${CANARY}"`, 'the text is not JSON'],
    ['too deep', nested(9), 'the JSON has more than 8 levels'],
    ['a member twice', `{"plaintext":"${CANARY}","plaintext":"b"}`, 'the JSON has a member name twice in one object'],
    ['__proto__', `{"plaintext":"a","__proto__":{"a":"${CANARY}"}}`, 'the JSON has a member named __proto__'],
    ['a lone surrogate', '{"plaintext":"\\ud800"}', 'the JSON has text that is not well-formed Unicode'],
    ['a byte order mark', '\ufeff{"plaintext":"a"}', 'the JSON begins with a byte order mark'],
    ['an array', [CANARY], 'body: must be an object'],
    ['null', 'null', 'the body is missing'],
    ['an unknown member', { plaintext: 'a', [CANARY]: 1 }, 'body: unknown members are not allowed'],
    ['no plaintext', {}, 'plaintext: must be a string'],
    ['a number', { plaintext: 1 }, 'plaintext: must be a string'],
    ['an empty plaintext', { plaintext: '' }, 'plaintext: must not be empty'],
    ['a long plaintext', { plaintext: 'x'.repeat(32_769) }, 'plaintext: must have at most 32768 characters'],
    ['a plaintext of too many bytes', { plaintext: 'é'.repeat(16_385) }, 'plaintext: must have at most 32768 bytes'],
    ['a context that is text', { plaintext: 'a', context: CANARY }, 'context: must be an object'],
    ['a context value', { plaintext: 'a', context: { [CANARY]: 1 } }, 'context.*: must be a string'],
    [
      'a reserved name',
      { plaintext: 'a', context: { 'keyward:provider': CANARY } },
      'context: context names must not begin with keyward:',
    ],
    [
      'many pairs',
      { plaintext: 'a', context: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`n${i}`, ''])) },
      'context: context has more than 16 pairs',
    ],
    [
      'a long name',
      { plaintext: 'a', context: { ['é'.repeat(65)]: '' } },
      'context: context names must have 1 to 128 bytes',
    ],
    [
      'a long value',
      { plaintext: 'a', context: { a: 'x'.repeat(1025) } },
      'context: context values must have at most 1024 bytes',
    ],
  ])('with %s is refused', async (_, body, detail) => {
    expect(await refusalOf('encrypt', { method: 'POST', path: encryptPath, body })).toStrictEqual(invalid(detail));
  });

  it.each<[string, unknown, string]>([
    ['no items', {}, 'items: must be an array'],
    ['none', { items: [] }, 'items: must not be empty'],
    ['101', { items: Array.from({ length: 101 }, () => ({ plaintext: 'a' })) }, 'items: must have at most 100 items'],
    ['a wrong one', { items: [{ plaintext: 'a' }, { plaintext: 1 }] }, 'items[1].plaintext: must be a string'],
    ['an unknown member', { items: [{ plaintext: 'a', [CANARY]: 1 }] }, 'items[0]: unknown members are not allowed'],
    [
      'a long reference',
      { items: [{ plaintext: 'a', reference: 'r'.repeat(129) }] },
      'items[0].reference: must have at most 128 characters',
    ],
    [
      'a wrong context',
      { items: [{ plaintext: 'a', context: { [CANARY]: null } }] },
      'items[0].context.*: must be a string',
    ],
  ])('of a batch with %s is refused', async (_, body, detail) => {
    const refusal = await refusalOf('encrypt', { method: 'POST', path: `${encryptPath}-batch`, body });
    expect(refusal).toStrictEqual(invalid(detail));
  });

  it.each(['decrypt', 'rewrap'] as const)('of %s has its context checked too', async (name) => {
    const path = `/v1/providers/openai/${name}`;
    const context = { 'keyward:credential': CANARY };
    expect(await refusalOf(name, { method: 'POST', path, body: { ciphertext: 'a', context } })).toStrictEqual(
      invalid('context: context names must not begin with keyward:'),
    );
    expect(await refusalOf(name, { method: 'POST', path, body: { ciphertext: 1 } })).toStrictEqual(
      invalid('ciphertext: must be a string'),
    );
  });

  it.each<[string, unknown, string]>([
    ['no key', {}, 'api_key: must be a string'],
    ['metadata that is a list', { api_key: CANARY, metadata: [] }, 'metadata: must be an object'],
    ['deep metadata', { api_key: CANARY, metadata: nested(5) }, 'metadata: metadata is nested deeper than 4 levels'],
    [
      'much metadata',
      { api_key: CANARY, metadata: { a: 'x'.repeat(8192) } },
      'metadata: metadata has more than 8192 bytes',
    ],
    ['a number out of range', '{"api_key":"a","metadata":{"a":1e101}}', 'metadata: metadata has a number out of range'],
    ['a number beyond every double', '{"api_key":"a","metadata":{"a":1e400}}', INEXACT],
    ['a number that no double holds', '{"api_key":"a","metadata":{"a":12345678901234567890}}', INEXACT],
  ])('of a credential with %s is refused', async (_, body, detail) => {
    expect(await refusalOf('credentials', { method: 'PUT', path: credentialPath, body })).toStrictEqual(
      invalid(detail),
    );
  });

  it('over 320 KiB is 413, by its bytes', async () => {
    const tooLarge = [413, 'payload_too_large', `the body has more than ${MOST_BYTES} bytes`];
    const padded = (bytes: number) => JSON.stringify({ plaintext: 'a' }).padEnd(bytes);
    const request = { method: 'POST', path: encryptPath };
    expect(await refusalOf('encrypt', { ...request, body: padded(MOST_BYTES + 1) })).toStrictEqual(tooLarge);
    expect(await refusalOf('encrypt', { ...request, body: `"${'é'.repeat(MOST_BYTES / 2)}"` })).toStrictEqual(tooLarge);
    expect((await testApi().call('encrypt', { ...request, body: padded(MOST_BYTES) })).statusCode).toBe(200);
  });

  it('in base64 is decoded, and measured by what it holds', async () => {
    const send = async (bytes: Buffer) => {
      const event = proxyEventOf({ method: 'POST', path: encryptPath });
      const reply = await testApi().handlers.encrypt({
        ...event,
        body: bytes.toString('base64'),
        isBase64Encoded: true,
      });
      return [reply.statusCode, bodyOf(reply)['detail']];
    };
    expect(await send(Buffer.from('{"plaintext":"é"}'.padEnd(MOST_BYTES - 1)))).toStrictEqual([200, undefined]);
    expect(await send(Buffer.alloc(MOST_BYTES + 1))).toStrictEqual([413, `the body has more than ${MOST_BYTES} bytes`]);
    expect(await send(Buffer.from('{"plaintext":"é"}', 'latin1'))).toStrictEqual([400, 'body: the text is not UTF-8']);
    expect(await send(Buffer.from('\ufeff{"plaintext":"a"}'))).toStrictEqual([
      400,
      'the JSON begins with a byte order mark',
    ]);
  });
});

describe('a query', () => {
  it.each<[string, Readonly<Record<string, string | readonly string[]>>, string]>([
    ['an unknown parameter', { [CANARY]: CANARY }, 'query: unknown parameters are not allowed'],
    [
      '__proto__',
      JSON.parse('{"__proto__":"a"}') as Record<string, string>,
      'query: unknown parameters are not allowed',
    ],
    ['a parameter twice', { limit: ['1', '2'] }, 'query: a parameter occurs more than once'],
    ['no value at all', { limit: [] }, 'query: a parameter occurs more than once'],
    ['a lone surrogate', { user_id: '\ud800' }, 'query: the text is not well-formed Unicode'],
    ['limit 0', { limit: '0' }, 'limit: must be 1 to 500'],
    ['limit 501', { limit: '501' }, 'limit: must be 1 to 500'],
    ['limit 1.5', { limit: '1.5' }, 'limit: must be 1 to 500'],
    ['limit 1e1', { limit: '1e1' }, 'limit: must be 1 to 500'],
    ['key version 0', { key_version: '0' }, 'key_version: must be the number of a key version'],
    ['key version 01', { key_version: '01' }, 'key_version: must be the number of a key version'],
    ['success yes', { success: 'yes' }, 'success: must be true or false'],
    ['a provider', { provider: CANARY.toUpperCase() }, 'provider: is not a valid provider name'],
    ['a long user', { user_id: `a:${'u'.repeat(2047)}` }, 'user_id: must have at most 2048 characters'],
    [
      'a role',
      { user_id: 'arn:aws:iam::111122223333:role/service/search' },
      'user_id: must be the ARN of a session, as in events; arn:aws:sts::<account>:assumed-role/<role>/* stands for all sessions of a role',
    ],
    ['a user that is no ARN', { user_id: 'alice' }, 'user_id: must be a complete ARN, as in events'],
    ...['a/b', ' a', 'ä', 'a'.repeat(129), 'sha256:0123ABCD', 'sha256:0123abcde', '-'].map(
      (credential): [string, Record<string, string>, string] => [
        `the credential ${credential}`,
        { credential },
        'credential: must be a valid credential name, or sha256: and 8 hexadecimal digits',
      ],
    ),
    ['a long request', { request_id: 'r'.repeat(257) }, 'request_id: must have at most 256 characters'],
    ['a long operation', { operation: 'o'.repeat(257) }, 'operation: must have at most 256 characters'],
    [
      'a local time',
      { from: '2026-11-21T00:00:00' },
      'from: must end with Z or an offset, such as 2026-11-21T09:30:00Z or 2026-11-21T10:30:00+01:00: the time is ambiguous without it',
    ],
    [
      'an offset in another form',
      { to: '2026-11-21T00:00:00+0100' },
      'to: must be a time such as 2026-11-21T09:30:00Z or 2026-11-21T10:30:00+01:00, or a date such as 2026-11-21',
    ],
    ['no such day', { to: '2026-02-30T00:00:00Z' }, 'to: is not a valid time'],
    ['no such hour', { to: '2026-02-03T25:00:00Z' }, 'to: is not a valid time'],
    ['an early year', { to: '1969-12-31T00:00:00Z' }, 'to: must be in the years 1970 to 9999 in UTC'],
    ['an inverted period', { from: '2026-11-22T00:00:00Z' }, 'from: must not be after to'],
    ['a long cursor', { cursor: 'A'.repeat(1025) }, 'cursor: must have at most 1024 characters'],
  ])('with %s is refused', async (_, query, detail) => {
    expect(await refusalOf('audit', { path: '/v1/audit/events', query })).toStrictEqual(invalid(detail));
  });

  it('names the event types that there are', async () => {
    const [status, code, detail] = await refusalOf('audit', {
      path: '/v1/audit/events',
      query: { event_type: CANARY },
    });
    expect([status, code]).toStrictEqual([400, 'invalid_request']);
    expect(detail).toMatch(/^event_type: must be one of encrypt, decrypt, /);
  });

  it.each([
    ['keys', { path: '/v1/providers' }],
    ['encrypt', { method: 'POST', path: encryptPath, body: { plaintext: 'a' } }],
  ] as const)('of %s is refused where the call takes none', async (name, request) => {
    expect(await refusalOf(name, { ...request, query: { a: CANARY } })).toStrictEqual(
      invalid('query: unknown parameters are not allowed'),
    );
  });

  it('of a list has a limit of 200', async () => {
    const path = '/v1/providers/openai/credentials';
    expect(await refusalOf('credentials', { path, query: { limit: '201' } })).toStrictEqual(
      invalid('limit: must be 1 to 200'),
    );
    expect((await testApi().call('credentials', { path, query: { limit: '200' } })).statusCode).toBe(200);
  });
});

test('what a caller names is not spelled out, whatever the member is called in which it stands', () => {
  const schema = z.strictObject({
    items: z.optional(z.array(z.strictObject({ labels: z.record(z.string(), z.record(z.string(), z.int())) }))),
  });
  const told = (value: unknown): string => {
    try {
      validate(schema, value, 'body');
      return 'taken';
    } catch (thrown) {
      return (thrown as Error).message;
    }
  };
  expect(told({ items: [{ labels: { [CANARY]: 1 } }] })).toBe('items[0].labels.*: must be an object');
  expect(told({ items: [{ labels: { a: { [CANARY]: 'x' } } }] })).toBe('items[0].labels.*: must be a number');
  expect(told({ items: [{ labels: 1 }] })).toBe('items[0].labels: must be an object');
  expect(told({ items: [{ labels: { a: { b: 1 } } }] })).toBe('taken');
});
