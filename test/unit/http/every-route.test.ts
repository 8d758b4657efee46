import type { Operation } from '../../../lambdas/core/http/operation';
import { OPERATION_IDS, OPERATIONS, type OperationId } from '../../../lambdas/core/runtime/operations';
import { EXAMPLES } from './examples';
import type { TestRequest } from './proxy-event-of';
import { requestOf } from './request-of';
import { bodyOf, testApi } from './test-api';

/**
 * What holds for every call of the API, tried at every call: the cases come from the route table, so that a new route is
 * among them by itself.
 */

const CANARY = 'sk-example-canary-not-a-real-key';
/** Members whose own members the caller names. */
const NAMED_BY_CALLERS = ['context', 'metadata'];

const route = (operation: OperationId): Operation => OPERATIONS[operation];
const withBody = OPERATION_IDS.filter((operation) => route(operation).request !== undefined);
const readsInput = (operation: OperationId): boolean => !route(operation).ignoresInput;

async function refusalOf(operation: OperationId, over: Partial<TestRequest>) {
  const { call, log } = testApi();
  const reply = await call(route(operation).function, requestOf(operation, over));
  expect(reply.body + JSON.stringify(log)).not.toContain(CANARY);
  return { status: reply.statusCode, code: bodyOf(reply)['code'], detail: bodyOf(reply)['detail'] };
}

/** Copies of a body, one for each object in it, with an unknown member there. */
function withUnknownMembers(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) {
    const items = value as readonly unknown[];
    return items.flatMap((each, index) => withUnknownMembers(each).map((other) => items.with(index, other)));
  }
  if (typeof value !== 'object' || value === null) return [];
  const inside = Object.entries(value)
    .filter(([name]) => !NAMED_BY_CALLERS.includes(name))
    .flatMap(([name, each]) => withUnknownMembers(each).map((other) => ({ ...value, [name]: other })));
  return [{ ...value, [CANARY]: 1 }, { ...value, [CANARY]: CANARY }, ...inside];
}

test.each(OPERATION_IDS)('%s: the request that the others are made from succeeds', async (operation) => {
  const { function: name, statuses } = route(operation);
  const reply = await testApi().call(name, requestOf(operation));
  expect(statuses).toContain(reply.statusCode);
});

describe('a body', () => {
  test.each(withBody)('of %s with a member that nobody knows is refused, wherever it is', async (operation) => {
    const bodies = withUnknownMembers(EXAMPLES[operation].request);
    expect(bodies.length).toBeGreaterThan(1);
    for (const body of bodies) {
      const refusal = await refusalOf(operation, { body });
      expect(refusal).toMatchObject({ status: 400, code: 'invalid_request' });
      expect(refusal.detail).toMatch(/: unknown members are not allowed$/);
    }
  });

  test.each(withBody)('of %s must be an object, each member once and well-formed', async (operation) => {
    const [name = ''] = Object.keys(EXAMPLES[operation].request ?? {});
    const once = JSON.stringify(EXAMPLES[operation].request);
    const twice = `${once.slice(0, -1)},${JSON.stringify(name)}:"${CANARY}"}`;
    const proto = `${once.slice(0, -1)},"__proto__":{"a":"${CANARY}"}}`;
    const bodies = ['7', '""', '[]', `["${CANARY}"]`, `${once}x`, `\ufeff${once}`, twice, proto];
    for (const body of bodies) {
      expect([body, await refusalOf(operation, { body })]).toMatchObject([
        body,
        { status: 400, code: 'invalid_request' },
      ]);
    }
  });

  test.each(OPERATION_IDS.filter(readsInput))('of %s that is longer than its limit is 413', async (operation) => {
    const { request } = EXAMPLES[operation];
    const text = request === undefined ? '' : JSON.stringify(request);
    const limit = operation.endsWith('Batch') ? 1_048_576 : 327_680;
    expect(route(operation).maxBodyBytes).toBe(limit);
    expect(await refusalOf(operation, { body: text.padEnd(limit + 1) })).toEqual({
      status: 413,
      code: 'payload_too_large',
      detail: `the body has more than ${limit} bytes`,
    });
    const largest = await testApi().call(route(operation).function, requestOf(operation, { body: text.padEnd(limit) }));
    expect(route(operation).statuses).toContain(largest.statusCode);
  });

  const ENCODED = [
    'gzip',
    'GZIP',
    'br',
    'deflate',
    'zstd',
    'x-gzip',
    'aws-chunked',
    'identity, gzip',
    'gzip,',
    'é',
    '*',
  ];
  const PLAIN = ['', ' ', 'identity', 'Identity', ' identity , ,identity'];

  test.each(OPERATION_IDS.filter(readsInput))('of %s may come as it is alone', async (operation) => {
    const { function: name, statuses } = route(operation);
    const body = EXAMPLES[operation].request ?? '{}';
    const send = (coding: string, header = 'Content-Encoding', content: unknown = body) =>
      testApi().call(name, requestOf(operation, { body: content, headers: { [header]: coding } }));
    for (const coding of ENCODED) {
      const reply = await send(coding, 'content-encoding');
      expect([coding, reply.statusCode, bodyOf(reply)['code'], reply.headers?.['accept-encoding']]).toEqual([
        coding,
        415,
        'unsupported_media_type',
        'identity',
      ]);
    }
    for (const coding of PLAIN)
      expect([coding, statuses]).toEqual([coding, expect.arrayContaining([(await send(coding)).statusCode])]);
    // An empty body is empty, whatever the header is.
    expect((await send('gzip', 'Content-Encoding', '')).statusCode).not.toBe(415);
  });
});

describe('a query', () => {
  test.each(OPERATION_IDS.filter(readsInput))(
    'of %s with a parameter that nobody knows is refused',
    async (operation) => {
      expect(await refusalOf(operation, { query: { [CANARY]: CANARY } })).toEqual({
        status: 400,
        code: 'invalid_request',
        detail: 'query: unknown parameters are not allowed',
      });
    },
  );
});

describe('what load balancers and monitors add', () => {
  test('is passed over by the health checks alone', () => {
    const ids = OPERATION_IDS.filter((operation) => !readsInput(operation));
    expect(ids).toEqual(['checkHealth', 'checkHealthHead', 'checkReadiness']);
  });

  test.each(OPERATION_IDS.filter((operation) => !readsInput(operation)))(
    'to %s, in query or body, changes nothing',
    async (operation) => {
      const { call } = testApi();
      const plain = await call(route(operation).function, requestOf(operation));
      expect(plain.statusCode).toBe(200);
      for (const over of [
        { query: { x: '1' } },
        { query: { x: ['1', '2'], '\ud800': '\ud800' } },
        { body: CANARY },
        { body: '{}', query: { __proto__: 'x', cursor: '' } },
      ]) {
        expect(await call(route(operation).function, requestOf(operation, over))).toEqual(plain);
      }
    },
  );
});

/** The longest page of every list. */
const PAGES: Partial<Record<OperationId, number>> = {
  listCredentials: 200,
  listRotations: 50,
  queryAuditEvents: 500,
};
const ASKED_BY: Readonly<Record<string, string>> = {
  listCredentials: 'listCredentials',
  listRotations: 'listRotations',
  queryAuditEvents: 'queryAuditEvents',
};

describe('a page', () => {
  const takes = async (operation: OperationId, name: string): Promise<boolean> =>
    (await refusalOf(operation, { query: { [name]: '-' } })).detail !== 'query: unknown parameters are not allowed';

  test('has a limit in these lists alone, and a cursor in the same', async () => {
    const limited: string[] = [];
    const continued: string[] = [];
    for (const operation of OPERATION_IDS.filter(readsInput)) {
      if (await takes(operation, 'limit')) limited.push(operation);
      if (await takes(operation, 'cursor')) continued.push(operation);
    }
    expect(limited.sort()).toEqual(Object.keys(PAGES).sort());
    expect(continued.sort()).toEqual(Object.keys(PAGES).sort());
  });

  test.each(Object.entries(PAGES) as [OperationId, number][])('of %s has at most %d', async (operation, most) => {
    for (const limit of ['0', '-1', '01', '1.5', '1e1', ' 1', String(most + 1), '10000']) {
      expect([limit, await refusalOf(operation, { query: { limit } })]).toEqual([
        limit,
        { status: 400, code: 'invalid_request', detail: `limit: must be 1 to ${most}` },
      ]);
    }
    const asked: unknown[] = [];
    const record = async (...given: unknown[]) => {
      asked.push((given.at(-1) as { limit: number }).limit);
      return EXAMPLES[operation].reply as never;
    };
    const { call } = testApi({ [ASKED_BY[operation]!]: record });
    for (const query of [{ limit: '1' }, { limit: String(most) }, {}]) {
      expect((await call(route(operation).function, requestOf(operation, { query }))).statusCode).toBe(200);
    }
    expect(asked).toEqual([1, most, 50]);
  });
});

test.each(withBody.filter((operation) => 'items' in (EXAMPLES[operation].request ?? {})))(
  '%s takes 1 to 100 items',
  async (operation) => {
    const [item] = (EXAMPLES[operation].request as { items: object[] }).items;
    const { reference: _, context: __, ...least } = item as Record<string, unknown>;
    const short = Object.fromEntries(Object.keys(least).map((name) => [name, 'a']));
    const of = (count: number) => ({ body: { items: Array.from({ length: count }, () => short) } });
    expect(await refusalOf(operation, of(0))).toMatchObject({ status: 400, detail: 'items: must not be empty' });
    expect(await refusalOf(operation, of(101))).toMatchObject({ detail: 'items: must have at most 100 items' });
    for (const count of [1, 100]) {
      const reply = await testApi().call(route(operation).function, requestOf(operation, of(count)));
      expect((bodyOf(reply)['results'] as unknown[]).length).toBe(count);
    }
  },
);
