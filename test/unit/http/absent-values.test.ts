import * as z from 'zod/mini';
import type { APIGatewayProxyResult } from 'aws-lambda';
import type { Operation } from '../../../lambdas/core/http/operation';
import { OPERATION_IDS, OPERATIONS, openApiDocument, type OperationId } from '../../../lambdas/core/runtime/operations';
import { EXAMPLES } from './examples';
import { proxyEventOf, type TestRequest } from './proxy-event-of';
import { requestOf } from './request-of';
import { bodyOf, testApi } from './test-api';

/**
 * What says nothing is as left out, at every call: no body in its spellings, `null` for an optional member, an optional
 * parameter without a value. The cases come from the operations, so that a new one is among them by itself.
 */

const route = (operation: OperationId): Operation => OPERATIONS[operation];
const withoutBody = OPERATION_IDS.filter((id) => route(id).request === undefined && !route(id).ignoresInput);
const withBody = OPERATION_IDS.filter((operation) => route(operation).request !== undefined);
/** Every member of their bodies may be left out. */
const OPTIONAL_BODIES: readonly OperationId[] = ['rotate', 'abortRotation', 'cancelDestruction'];

const NOTHING = [undefined, '', ' ', '\n', ' \t\r\n ', 'null', ' null\n'];
const EMPTY_OBJECTS = ['{}', '{ }', ' {\n} \r\n'];
/** Headers that axios, requests, fetch, curl and Java's clients send by default. */
const CONTENT_TYPES = [
  'application/json',
  'application/json; charset=utf-8',
  'application/x-www-form-urlencoded',
  'text/plain;charset=UTF-8',
  'application/octet-stream',
  'multipart/form-data; boundary=x',
  '',
];

const send = (operation: OperationId, over: Partial<TestRequest>): Promise<APIGatewayProxyResult> =>
  testApi().call(route(operation).function, requestOf(operation, over));

const told = (reply: APIGatewayProxyResult) => [reply.statusCode, bodyOf(reply)['code'], bodyOf(reply)['detail']];

describe('a body where a call takes none', () => {
  test.each(withoutBody)('of %s may be nothing, white space, null or {}', async (operation) => {
    for (const body of [...NOTHING, ...EMPTY_OBJECTS]) {
      const { statusCode } = await send(operation, { body });
      expect([body, route(operation).statuses.includes(statusCode)]).toEqual([body, true]);
    }
  });

  test.each(withoutBody)('of %s may not be anything else', async (operation) => {
    const others = [
      '[]',
      '""',
      '0',
      'false',
      '{"a":1}',
      '{"a":null}',
      '{}{}',
      '{',
      'x',
      '\u00a0',
      '\ufeff',
      '[null]',
      'a=b',
    ];
    for (const body of others) {
      const reply = await send(operation, { body });
      expect([body, ...told(reply)]).toEqual([body, 400, 'invalid_request', 'body: this call takes no body']);
    }
  });

  test('may come in base64', async () => {
    const sendBytes = async (bytes: string) => {
      const event = { ...proxyEventOf(requestOf('listKeysets')), body: btoa(bytes), isBase64Encoded: true };
      return (await testApi().handlers.keys(event)).statusCode;
    };
    expect(await Promise.all(['', ' {} ', 'null', '[]'].map(sendBytes))).toEqual([200, 200, 200, 400]);
  });
});

describe('a body that is missing', () => {
  test.each(withBody.filter((operation) => !OPTIONAL_BODIES.includes(operation)))(
    'of %s is named',
    async (operation) => {
      for (const body of NOTHING) {
        expect([body, ...told(await send(operation, { body }))]).toEqual([
          body,
          400,
          'invalid_request',
          'the body is missing',
        ]);
      }
      expect(bodyOf(await send(operation, { body: '{}' }))['detail']).toMatch(/^\w+: must be /);
    },
  );

  test.each(OPTIONAL_BODIES)('of %s is as {}', async (operation) => {
    const asked = new Set<string>();
    const note = async (_: unknown, command: object): Promise<undefined> => {
      asked.add(Object.keys(command).join());
    };
    const { call } = testApi({
      rotate: async (...call) => {
        await note(...call);
        return { kind: 'started', rotation_id: 'a' };
      },
      abortRotation: note,
      cancelDestruction: note,
    });
    for (const body of [...NOTHING, ...EMPTY_OBJECTS]) {
      const { statusCode } = await call(route(operation).function, requestOf(operation, { body }));
      expect([body, statusCode]).toEqual([body, operation === 'rotate' ? 202 : 200]);
    }
    const members = {
      rotate: 'provider,emergency',
      abortRotation: 'provider,rotation_id',
      cancelDestruction: 'provider,version',
    };
    expect(asked).toEqual(new Set([members[operation as keyof typeof members]]));
  });
});

test.each(CONTENT_TYPES)('no content type decides: %j', async (type) => {
  for (const operation of OPERATION_IDS) {
    const { statusCode } = await send(operation, { headers: { 'Content-Type': type } });
    expect([operation, route(operation).statuses.includes(statusCode)]).toEqual([operation, true]);
  }
});

/** Paths of members: those that may be left out, and the others. */
interface Members {
  readonly optional: (readonly PropertyKey[])[];
  readonly required: (readonly PropertyKey[])[];
}

function membersOf(schema: z.core.$ZodType, at: readonly PropertyKey[] = [], found?: Members): Members {
  const members = found ?? { optional: [], required: [] };
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === 'array') membersOf(def.element, [...at, 0], members);
  if (def.type === 'optional' || def.type === 'nullable') membersOf(def.innerType, at, members);
  if (def.type === 'pipe') membersOf(def.in, at, members);
  if (def.type === 'object') {
    for (const [name, member] of Object.entries(def.shape)) {
      members[member._zod.optin !== undefined ? 'optional' : 'required'].push([...at, name]);
      membersOf(member, [...at, name], members);
    }
  }
  return members;
}

/** A copy with another value at a place. */
function replaced(value: unknown, [step, ...rest]: readonly PropertyKey[], by: unknown): unknown {
  if (step === undefined) return by;
  if (Array.isArray(value)) return value.with(Number(step), replaced(value[Number(step)], rest, by));
  const object = value as Readonly<Record<PropertyKey, unknown>>;
  return { ...object, [step]: replaced(object[step], rest, by) };
}

const bodiesWithNull = (kind: keyof Members) =>
  withBody.flatMap((operation) =>
    membersOf(route(operation).request!)[kind].map(
      (place) => [operation, place.join('.'), replaced(EXAMPLES[operation].request, place, null)] as const,
    ),
  );

describe('null', () => {
  test('is tried at every member that may be left out', () => {
    expect(bodiesWithNull('optional').map(([operation, place]) => `${operation} ${place}`)).toEqual(
      expect.arrayContaining([
        'encrypt context',
        'decryptBatch items.0.reference',
        'putCredential metadata',
        'rotate cursor',
      ]),
    );
    expect(bodiesWithNull('required').length).toBeGreaterThan(10);
  });

  test.each(bodiesWithNull('optional'))('in the body of %s at %s is as left out', async (operation, place, body) => {
    const { statusCode } = await send(operation, { body });
    expect(route(operation).statuses).toContain(statusCode);
    const schema = route(operation).request!;
    // The use case gets the same input as without the member.
    const steps = place.split('.');
    const without = JSON.parse(JSON.stringify(replaced(body, steps, undefined))) as unknown;
    expect(z.parse(schema, body)).toEqual(z.parse(schema, without));
  });

  test.each(bodiesWithNull('required'))('in the body of %s at %s is refused', async (operation, place, body) => {
    const reply = await send(operation, { body });
    expect(told(reply).slice(0, 2)).toEqual([400, 'invalid_request']);
    expect(bodyOf(reply)['detail']).toMatch(/: must be /);
    expect(bodyOf(reply)['detail']).toContain(place.split('.').at(-1)?.replace(/^0$/, '[0]'));
  });

  test('stays what it is under a name that callers choose', async () => {
    const metadata = { owner: null, nested: { a: null }, list: [null] };
    const asked: unknown[] = [];
    const { call } = testApi({
      putCredential: async (_, command) => {
        asked.push(command.metadata);
        return { credential: EXAMPLES.putCredential.reply as never, created: true };
      },
    });
    await call('credentials', requestOf('putCredential', { body: { api_key: 'sk-example-key', metadata } }));
    expect(asked).toEqual([metadata]);
    const refused = await send('encrypt', { body: { plaintext: 'a', context: { team: null } } });
    expect(told(refused)).toEqual([400, 'invalid_request', 'context.*: must be a string']);
  });

  test('stands in the document where it is taken in a request, and nowhere else', () => {
    const { components, paths } = openApiDocument('1.2.3') as unknown as {
      readonly components: { readonly schemas: Readonly<Record<string, object>> };
      readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly requestBody?: BodyShown }>>>>;
    };
    interface BodyShown {
      readonly required: boolean;
      readonly content: { readonly 'application/json': { readonly schema: object } };
    }
    for (const operation of withBody) {
      const { method, path, request } = route(operation);
      const body = paths[path]![method.toLowerCase()]!.requestBody!;
      const isOptional = OPTIONAL_BODIES.includes(operation);
      expect([operation, body.required, isNullable(body.content['application/json'].schema)]).toEqual([
        operation,
        !isOptional,
        isOptional,
      ]);
      const [, name = ''] = /schemas\/(\w+)"/.exec(JSON.stringify(body)) ?? [];
      const { optional, required } = membersOf(request!);
      for (const place of optional)
        expect([operation, place, isNullable(shownAt(components.schemas[name], place))]).toEqual([
          operation,
          place,
          true,
        ]);
      for (const place of required)
        expect([operation, place, isNullable(shownAt(components.schemas[name], place))]).toEqual([
          operation,
          place,
          false,
        ]);
    }
  });
});

interface Shown {
  readonly anyOf?: readonly Shown[];
  readonly type?: string;
  readonly properties?: Readonly<Record<PropertyKey, Shown>>;
  readonly items?: Shown;
}
const isNullable = (shown: Shown | undefined): boolean => shown?.anyOf?.some(({ type }) => type === 'null') ?? false;
const shownAt = (shown: Shown | undefined, [step, ...rest]: readonly PropertyKey[]): Shown | undefined =>
  step === undefined ? shown : shownAt(typeof step === 'number' ? shown?.items : shown?.properties?.[step], rest);

describe('a parameter without a value', () => {
  const queries = OPERATION_IDS.flatMap((operation) =>
    membersOf(route(operation).query)
      .optional.map(([name]) => [operation, String(name)] as const)
      // One of several that the call needs.
      .filter(([, name]) => requestOf(operation).query?.[name] === undefined),
  );

  test('is tried at every parameter', () => {
    expect(queries).toEqual(
      expect.arrayContaining([
        ['queryAuditEvents', 'cursor'],
        ['listCredentials', 'limit'],
        ['revealCredential', 'consistent'],
      ]),
    );
  });

  test.each(queries)('of %s is as left out: %s', async (operation, name) => {
    const reply = await send(operation, { query: { ...requestOf(operation).query, [name]: '' } });
    expect(route(operation).statuses).toContain(reply.statusCode);
    expect(reply.body).toBe((await send(operation, {})).body);
  });

  test.each(['x', 'constructor', '__proto__', 'toString', ''])('is refused where nobody knows it: %j', async (name) => {
    const query = Object.fromEntries([[name, '']]);
    for (const operation of OPERATION_IDS.filter((id) => !route(id).ignoresInput)) {
      expect([operation, ...told(await send(operation, { query }))]).toEqual([
        operation,
        400,
        'invalid_request',
        'query: unknown parameters are not allowed',
      ]);
    }
  });

  test('counts where it stands twice', async () => {
    expect(told(await send('listCredentials', { query: { cursor: ['', ''] } }))).toEqual([
      400,
      'invalid_request',
      'query: a parameter occurs more than once',
    ]);
  });
});
