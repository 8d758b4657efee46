import type { ApiFunction } from '../../../lambdas/core/contract/functions';
import { matchRoute } from '../../../lambdas/core/http/router';
import { OPERATION_IDS, OPERATIONS } from '../../../lambdas/core/runtime/operations';
import { bodyOf, testApi } from './test-api';

const ROTATION_ID = '019a2f6b1c40'.padEnd(32, '0');
const EVENT_ID = '01a1fd557a80'.padEnd(32, '0');
const pathOf = (template: string): string =>
  template
    .replace('{provider}', 'openai')
    .replace('{name}', 'default')
    .replace('{rotation_id}', ROTATION_ID)
    .replace('{id}', EVENT_ID)
    .replace('{version}', '2');

describe('matchRoute', () => {
  it.each(OPERATION_IDS)('finds %s by its method and path', (operation) => {
    const { method, path } = OPERATIONS[operation];
    const found = matchRoute(OPERATIONS, method, pathOf(path));
    expect(found).toStrictEqual({
      kind: 'route',
      operation,
      parameters: {
        ...(path.includes('{provider}') && { provider: 'openai' }),
        ...(path.includes('{name}') && { name: 'default' }),
        ...(path.includes('{rotation_id}') && { rotation_id: ROTATION_ID }),
        ...(path.includes('{id}') && { id: EVENT_ID }),
        ...(path.includes('{version}') && { version: '2' }),
      },
    });
  });

  it.each([
    '',
    '/',
    'healthz',
    '//healthz',
    '/healthz/',
    '/Healthz',
    '/healthz?x',
    '/v1/./providers',
    '/v1/providers/',
    '/v1/providers//encrypt',
    '/v1/providers/google/../openai/decrypt',
    '/v1/providers/openai/decrypt/',
    '/v1/providers/openai/decrypt/..',
    '/v1/providers/openai/%64ecrypt',
    '/v1/providers/openai%2Fdecrypt',
    '/v1/providers/openai/credentials/%64efault',
    '/v1/providers/openai/credentials/default/reveal/more',
    '/v2/providers',
    '/v1/providers/{provider}/other',
  ])('finds nothing at %j', (path) => {
    for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
      expect(matchRoute(OPERATIONS, method, path)).toStrictEqual({ kind: 'none' });
    }
  });

  it('lists the methods of a path that has another', () => {
    const found = matchRoute(OPERATIONS, 'POST', '/v1/providers/openai/credentials/default');
    expect(found).toStrictEqual({ kind: 'other_method', allow: 'DELETE, GET, PATCH, PUT' });
  });
});

describe('the eight functions', () => {
  it.each(OPERATION_IDS)('serve %s in exactly one of them', async (operation) => {
    const { handlers, call } = testApi();
    const { method, path } = OPERATIONS[operation];
    for (const name of Object.keys(handlers) as ApiFunction[]) {
      const reply = await call(name, { method, path: pathOf(path), query: { unknown: 'x' } });
      // The function that has the route refuses the query or the missing body.
      const reached = OPERATIONS[operation].ignoresInput ? 200 : 400;
      expect([name, reply.statusCode]).toStrictEqual([name, name === OPERATIONS[operation].function ? reached : 404]);
    }
  });

  it.each([
    ['decrypt', '/v1/providers/openai/decrypt', 'POST'],
    ['credentials', '/v1/providers/openai/credentials/default', 'DELETE, GET, PATCH, PUT'],
    ['credentials', '/v1/providers/openai/credentials/default/previous', 'GET'],
    ['credentials', '/v1/providers/openai/credentials/default/restore', 'POST'],
    ['credentials', '/v1/providers/openai/credentials/default/purge', 'POST'],
    ['health', '/healthz', 'GET, HEAD'],
    ['health', '/readyz', 'GET'],
  ] as const)('answer 405 with Allow where %s has another method at %s', async (name, path, allow) => {
    const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'get', ''];
    for (const method of methods.filter((each) => !allow.split(', ').includes(each))) {
      const reply = await testApi().call(name, { method, path, identity: { userArn: null } });
      expect([method, reply.statusCode, reply.headers?.['allow']]).toStrictEqual([method, 405, allow]);
      expect(bodyOf(reply)).toMatchObject({ code: 'method_not_allowed', request_id: 'request-1' });
    }
  });

  it.each(['google', 'Openai', 'open_ai', 'constructor', '-', 'o'.repeat(51)])(
    'do not know the provider %j',
    async (provider) => {
      const reply = await testApi().call('keys', { path: `/v1/providers/${provider}` });
      expect([reply.statusCode, bodyOf(reply)['code']]).toStrictEqual([404, 'provider_not_found']);
    },
  );

  it.each([
    ['GET', 404, 'credential_not_found'],
    ['DELETE', 404, 'credential_not_found'],
    ['PUT', 400, 'invalid_request'],
  ])('%s a credential whose name breaks the rule: %d', async (method, status, code) => {
    const { call } = testApi();
    for (const name of ['-a', 'a b', 'ä', 'n'.repeat(129)]) {
      const reply = await call('credentials', { method, path: `/v1/providers/openai/credentials/${name}`, body: '' });
      expect([reply.statusCode, bodyOf(reply)['code']]).toStrictEqual([status, code]);
    }
  });

  it.each(['0', '01', '-1', '1.5', '1e1', 'x', '2147483648'])('know no version %j', async (version) => {
    const { call } = testApi();
    const path = `/v1/providers/openai/versions/${version}`;
    for (const [name, method, tail] of [
      ['audit', 'GET', 'callers'],
      ['rotations', 'POST', 'cancel-destruction'],
    ] as const) {
      const reply = await call(name, { method, path: `${path}/${tail}` });
      expect([reply.statusCode, bodyOf(reply)['detail']]).toStrictEqual([
        400,
        'version: must be the number of a key version',
      ]);
    }
  });

  it.each(['0', ROTATION_ID.toUpperCase(), `${ROTATION_ID}0`, `${ROTATION_ID.slice(1)}g`])(
    'know no rotation %j',
    async (id) => {
      const { call } = testApi();
      const path = `/v1/providers/openai/rotations/${id}`;
      for (const request of [{ path }, { method: 'POST', path: `${path}/abort` }]) {
        const reply = await call('rotations', request);
        expect([reply.statusCode, bodyOf(reply)['code']]).toStrictEqual([404, 'rotation_not_found']);
      }
    },
  );
});
