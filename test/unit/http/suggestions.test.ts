import * as z from 'zod/mini';
import type { Operation } from '../../../lambdas/core/http/operation';
import { validate } from '../../../lambdas/core/http/validation';
import { OPERATION_IDS, OPERATIONS, type OperationId } from '../../../lambdas/core/runtime/operations';
import { requestOf } from './request-of';
import { EXAMPLES } from './examples';
import { bodyOf, testApi } from './test-api';

const CANARY = 'sk-example-canary-not-a-real-key';
const route = (id: OperationId): Operation => OPERATIONS[id];

/** Spellings of a name by people and libraries. */
const spellings = (name: string): readonly string[] => [
  name.toUpperCase(),
  name.charAt(0).toUpperCase() + name.slice(1),
  `${name}${name.at(-1)}`,
  name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
  name.replaceAll('_', '-'),
  name.replaceAll('_', ''),
];

const namesOf = (schema: z.ZodMiniType): readonly string[] =>
  Object.keys(z.toJSONSchema(schema, { io: 'input' }).properties ?? {});

const MEMBERS = OPERATION_IDS.flatMap((id) => {
  const { request } = route(id);
  return request === undefined ? [] : namesOf(request).map((name) => [id, name] as const);
});
const ITEM_MEMBERS = MEMBERS.filter(([, name]) => name === 'items').flatMap(([id]) => {
  const [item = {}] = (EXAMPLES[id].request as { items: object[] }).items;
  return Object.keys(item).map((name) => [id, name] as const);
});
const PARAMETERS = OPERATION_IDS.filter((id) => !route(id).ignoresInput).flatMap((id) =>
  namesOf(route(id).query).map((name) => [id, name] as const),
);

async function detailOf(id: OperationId, over: Parameters<typeof requestOf>[1]): Promise<unknown> {
  const { call, log } = testApi();
  const reply = await call(route(id).function, requestOf(id, over));
  expect([reply.statusCode, bodyOf(reply)['code']]).toEqual([400, 'invalid_request']);
  expect(reply.body + JSON.stringify(log)).not.toContain(CANARY);
  return bodyOf(reply)['detail'];
}

const others = (name: string): readonly string[] => spellings(name).filter((each) => each !== name);

test('there are names to misspell', () => {
  expect(Math.min(MEMBERS.length, ITEM_MEMBERS.length, PARAMETERS.length)).toBeGreaterThan(5);
});

test.each(MEMBERS)('a member of the body of %s that resembles %s', async (id, name) => {
  for (const given of others(name)) {
    const { [name]: value = CANARY, ...rest } = EXAMPLES[id].request as Record<string, unknown>;
    expect([given, await detailOf(id, { body: { ...rest, [given]: value } })]).toEqual([
      given,
      `body: unknown members are not allowed; did you mean ${name}?`,
    ]);
  }
});

test.each(ITEM_MEMBERS)('a member of an item of %s that resembles %s', async (id, name) => {
  const [item = {}] = (EXAMPLES[id].request as { items: Record<string, unknown>[] }).items;
  for (const given of others(name)) {
    const { [name]: value = CANARY, ...rest } = item;
    expect(await detailOf(id, { body: { items: [item, { ...rest, [given]: value }] } })).toBe(
      `items[1]: unknown members are not allowed; did you mean ${name}?`,
    );
  }
});

test.each(PARAMETERS)('a parameter of %s that resembles %s', async (id, name) => {
  for (const given of others(name)) {
    expect([given, await detailOf(id, { query: { [given]: CANARY } })]).toEqual([
      given,
      `query: unknown parameters are not allowed; did you mean ${name}?`,
    ]);
  }
});

describe('of several unknown names', () => {
  const schema = z.strictObject({
    key_version: z.optional(z.string()),
    limit: z.optional(z.string()),
    lists: z.optional(z.nullable(z.record(z.string(), z.strictObject({ limit: z.optional(z.string()) })))),
  });
  const told = (value: unknown): string => {
    try {
      validate(schema, value, 'body');
      return 'taken';
    } catch (thrown) {
      return (thrown as Error).message;
    }
  };

  test('each is compared, and each of ours named once', () => {
    expect(told({ keyVersion: '', Limit: '', LIMIT: '', [CANARY]: '' })).toBe(
      'body: unknown members are not allowed; did you mean key_version or limit?',
    );
  });

  test('the first eight alone are compared, and none that is long', () => {
    const many = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`x${index}`, '']));
    expect(told({ ...many, limits: '' })).toBe('body: unknown members are not allowed');
    expect(told({ [`limit${'t'.repeat(100_000)}`]: '' })).toBe('body: unknown members are not allowed');
  });

  test('below a name that the caller has chosen nothing is suggested', () => {
    expect(told({ lists: { [CANARY]: { Limit: '' } } })).toBe('lists.*: unknown members are not allowed');
  });
});
