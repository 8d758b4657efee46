import { decryptionFailed, keysUnavailable, KeywardError } from '../../../lambdas/core/errors/errors';
import { createHttpHandler } from '../../../lambdas/core/http/http-handler';
import { ENCRYPT_OPERATIONS } from '../../../lambdas/core/tokens/operations/encrypt-operations';
import type { Caller } from '../../../lambdas/core/ports/caller';
import { OTHER_USER_AGENTS, USER_AGENTS } from '../../doubles/user-agents';
import { proxyEventOf, USER_ARN } from './proxy-event-of';
import { bodyOf, testApi } from './test-api';

const CANARY = 'sk-example-canary-not-a-real-key';
const encryptRequest = { method: 'POST', path: '/v1/providers/openai/encrypt', body: { plaintext: CANARY } };

describe('an event', () => {
  const good = proxyEventOf(encryptRequest);
  const context = good.requestContext;

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['text', CANARY],
    ['a scheduled event', { source: 'aws.events', 'detail-type': CANARY }],
    ['a rotation step', { Step: 'createSecret', SecretId: CANARY, ClientRequestToken: CANARY }],
    ['payload format 2.0', { version: '2.0', rawPath: '/', requestContext: { http: { method: 'GET' } } }],
    ['no request id', { ...good, requestContext: { identity: context.identity } }],
    ['a request id with a line break', { ...good, requestContext: { ...context, requestId: 'a\r\nb' } }],
    ['no identity', { ...good, requestContext: { requestId: 'request-1' } }],
    ['an identity that is no text', proxyEventOf({ ...encryptRequest, identity: { userArn: 1 } })],
    ['no address', proxyEventOf({ ...encryptRequest, identity: { sourceIp: null } })],
    ['a body that is no text', { ...good, body: { plaintext: CANARY } }],
    ['a header that is no text', { ...good, headers: { 'x-a': 1 } }],
    ['headers that are no lists', { ...good, multiValueHeaders: { 'x-a': 'b' } }],
    ['a query that is no object', { ...good, queryStringParameters: 'a=b' }],
  ])('that is %s is refused and logged without content', async (_, event) => {
    const { handlers, log } = testApi();
    const reply = await handlers.encrypt(event);
    expect([reply.statusCode, bodyOf(reply)['code']]).toStrictEqual([400, 'invalid_request']);
    expect(log).toStrictEqual([
      { level: 'error', message: 'event refused: not a request of this API', fields: { operation: 'encrypt' } },
    ]);
  });

  it('with single values alone is a request all the same', async () => {
    const { handlers } = testApi();
    const single = { multiValueHeaders: null, multiValueQueryStringParameters: null };
    const event = proxyEventOf({ path: '/v1/audit/events', query: { limit: '0' } });
    expect((await handlers.audit({ ...event, ...single })).statusCode).toBe(400);
    expect((await handlers.encrypt({ ...good, ...single })).statusCode).toBe(200);
  });
});

describe('the caller', () => {
  const callerOf = async (identity: Readonly<Record<string, unknown>>, headers = {}) => {
    const callers: Caller[] = [];
    const { call } = testApi({
      encrypt: async (caller) => {
        callers.push(caller);
        return { ciphertext: 'kw1.openai.1.AAAA', provider: 'openai', key_version: 1 };
      },
    });
    const reply = await call('encrypt', { ...encryptRequest, identity, headers });
    return { caller: callers[0], reply };
  };

  it('comes from the request context, whatever the headers say', async () => {
    const headers = { 'user-agent': 'other', 'x-forwarded-for': '198.51.100.1', 'x-request-id': 'other' };
    const { caller } = await callerOf({}, headers);
    expect(caller).toStrictEqual({
      user_id: USER_ARN,
      ip_address: '192.0.2.1',
      user_agent: 'test/1.0',
      request_id: 'request-1',
    });
  });

  it.each([null, undefined, ''])('that was not verified (%j) is refused', async (userArn) => {
    const { caller, reply } = await callerOf({ userArn });
    expect(caller).toBeUndefined();
    expect([reply.statusCode, bodyOf(reply)['code']]).toStrictEqual([403, 'access_denied']);
  });

  it('may have no user agent', async () => {
    expect((await callerOf({ userAgent: null })).caller?.user_agent).toBeNull();
  });

  it.each([...USER_AGENTS, ...OTHER_USER_AGENTS])(
    'keeps of the user agent %j what can be seen',
    async (userAgent, kept) => {
      expect((await callerOf({ userAgent })).caller?.user_agent).toBe(kept);
    },
  );
});

describe('every reply', () => {
  it('is JSON that nobody caches or sniffs, and names its request', async () => {
    const { call } = testApi();
    for (const reply of [
      await call('encrypt', encryptRequest),
      await call('encrypt', { path: '/nowhere' }),
      await call('credentials', { method: 'POST', path: '/v1/providers/openai/credentials/default/reveal' }),
      await call('credentials', { method: 'DELETE', path: '/v1/providers/openai/credentials/default' }),
    ]) {
      expect(reply.headers).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-request-id': 'request-1',
      });
      expect(reply.headers?.['content-type']).toMatch(/^application\/(problem\+)?json$/);
    }
  });

  it('has only the members of its schema', async () => {
    const { call } = testApi({
      encrypt: async () => ({ ciphertext: 'a', provider: 'openai', key_version: 1, ...{ encrypted_dek: CANARY } }),
    });
    const reply = await call('encrypt', encryptRequest);
    expect(bodyOf(reply)).toStrictEqual({ ciphertext: 'a', provider: 'openai', key_version: 1 });
  });

  it('that does not fit its schema becomes an internal error', async () => {
    const { call, log } = testApi({ encrypt: async () => ({ ciphertext: CANARY }) as never });
    const reply = await call('encrypt', encryptRequest);
    expect([reply.statusCode, bodyOf(reply)['code']]).toStrictEqual([500, 'internal']);
    expect(reply.body + JSON.stringify(log)).not.toContain(CANARY);
  });
});

describe('a failure', () => {
  it('of an unknown kind is internal, and logged by the name of its class alone', async () => {
    const { call, log } = testApi({
      encrypt: async () => {
        throw new TypeError(CANARY);
      },
    });
    const reply = await call('encrypt', encryptRequest);
    expect([reply.statusCode, bodyOf(reply)['detail']]).toStrictEqual([500, 'an unexpected error occurred']);
    expect(log).toStrictEqual([
      {
        level: 'error',
        message: 'request served',
        fields: {
          request_id: 'request-1',
          operation: 'encrypt',
          provider: 'openai',
          code: 'internal',
          error_name: 'TypeError',
          status: 500,
          duration_ms: 0,
        },
      },
    ]);
  });

  it.each([CANARY, Object.assign(new Error(), { name: `${CANARY} ` }), undefined])(
    'that names itself oddly stays nameless',
    async (thrown) => {
      const { call, log } = testApi({ encrypt: jest.fn().mockRejectedValue(thrown) });
      await call('encrypt', encryptRequest);
      expect(log[0]?.fields?.error_name).toBe('other');
    },
  );

  it('is a warning where home cannot say whether there is such a key version; an error where other keys are out of reach', async () => {
    const reasons = ['unknown_version', 'no_region_answered'] as const;
    const levels = [];
    for (const reason of reasons) {
      const { call, log } = testApi({ encrypt: jest.fn().mockRejectedValue(keysUnavailable(reason)) });
      expect((await call('encrypt', encryptRequest)).statusCode).toBe(503);
      levels.push(log.map(({ level, fields }) => [level, fields?.reason]));
    }
    expect(levels).toEqual([[['warn', 'unknown_version']], [['error', 'no_region_answered']]]);
  });

  it('of an outside call is named, and what the service said is not', async () => {
    const outside = {
      service: 'DynamoDB',
      operation: 'PutItem',
      region: 'eu-west-1',
      name: 'AccessDeniedException',
    } as const;
    const error = new KeywardError('store_unavailable', 'no answer', undefined, { ...outside, kind: 'denied' });
    const { call, log } = testApi({ encrypt: jest.fn().mockRejectedValue(error) });
    const reply = await call('encrypt', encryptRequest);
    expect(log[0]?.fields).toMatchObject({ code: 'store_unavailable', error_name: 'AccessDeniedException' });
    expect(reply.body).not.toMatch(/AccessDenied|PutItem|eu-west-1/);
  });

  it('is logged with its reason where the keys are at fault, never where a token is', async () => {
    const reasons = [
      keysUnavailable('unknown_kek'),
      decryptionFailed('unknown_version'),
      new KeywardError('internal', ''),
    ];
    const logged = await Promise.all(
      reasons.map(async (error) => {
        const { call, log } = testApi({ decrypt: () => Promise.reject(error) });
        await call('decrypt', { method: 'POST', path: '/v1/providers/openai/decrypt', body: { ciphertext: '' } });
        return log[0]?.fields?.reason;
      }),
    );
    expect(logged).toStrictEqual(['unknown_kek', undefined, undefined]);
  });

  it('of the environment is answered as what it is', async () => {
    const handler = createHttpHandler(ENCRYPT_OPERATIONS, () =>
      Promise.reject(new KeywardError('configuration_invalid', 'REGION is missing')),
    );
    const reply = await handler(proxyEventOf(encryptRequest));
    expect([reply.statusCode, bodyOf(reply)['request_id']]).toStrictEqual([500, 'request-1']);
    expect(bodyOf(await handler(undefined))['request_id']).toBe('unknown');
  });
});

describe('the log', () => {
  it('has one line a request, with nothing of the request in it', async () => {
    const { call, log } = testApi();
    await call('encrypt', encryptRequest);
    await call('encrypt', { ...encryptRequest, body: { plaintext: CANARY, [CANARY]: CANARY } });
    await call('encrypt', { path: `/${CANARY}` });
    expect(log.map(({ fields }) => fields?.status)).toStrictEqual([200, 400, 404]);
    expect(JSON.stringify(log)).not.toContain(CANARY);
  });
});
