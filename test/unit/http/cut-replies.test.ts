import * as z from 'zod/mini';
import { createHttpHandler } from '../../../lambdas/core/http/http-handler';
import { cutToSchema } from '../../../lambdas/core/http/cut-to-schema';
import type { Operation, OperationReply } from '../../../lambdas/core/http/operation';
import type { ErrorCode } from '../../../lambdas/core/contract/problems';
import { KeywardError } from '../../../lambdas/core/errors/errors';
import { OPERATION_IDS, OPERATIONS } from '../../../lambdas/core/runtime/operations';
import { RecordingLogger } from '../../doubles/recording-logger';
import { EXAMPLES } from './examples';
import { proxyEventOf } from './proxy-event-of';
import { bodyOf } from './test-api';

const CANARY = 'sk-example-canary-not-a-real-key';
const withReply = OPERATION_IDS.filter((id) => EXAMPLES[id].reply !== undefined);
const clock = { now: () => 0, sleep: async () => undefined };

/** The value with one more member in each of its objects, except objects with callers' own names. */
function planted(schema: z.core.$ZodType, value: unknown): unknown {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === 'optional' || def.type === 'nullable') return value == null ? value : planted(def.innerType, value);
  if (def.type === 'union')
    return planted(
      def.options.find((option) => z.safeParse(option, value).success)!,
      value,
    );
  if (def.type === 'array') return (value as unknown[]).map((item) => planted(def.element, item));
  if (def.type !== 'object') return value;
  const members = Object.entries(value as object).map(([name, member]) => [name, planted(def.shape[name]!, member)]);
  return { ...Object.fromEntries(members), encrypted_dek: CANARY };
}

/** The caller's reply if an operation returns this. */
async function served(id: (typeof OPERATION_IDS)[number], returned: OperationReply) {
  const operation = OPERATIONS[id] as unknown as Operation;
  const answering = { ...operation, ignoresInput: true, handle: async () => returned };
  const logger = new RecordingLogger();
  const runtime = { application: {} as never, providers: ['openai'], clock, logger };
  const handler = createHttpHandler({ [id]: answering } as never, async () => runtime);
  const path = operation.path
    .replace('{provider}', 'openai')
    .replace('{name}', 'default')
    .replace('{version}', '1')
    .replace('{rotation_id}', '019a2f6b1c4000000000000000000000')
    .replace('{id}', '019a2f6b1c4000000000000000000000');
  const reply = await handler(proxyEventOf({ method: operation.method, path }));
  return { reply, log: JSON.stringify(logger.lines) };
}

test('operations with replies are known', () => {
  expect(withReply.length).toBeGreaterThan(20);
});

it.each(withReply)(
  'a member that no schema names is in no reply of %s, at whatever level it is planted',
  async (id) => {
    const example = EXAMPLES[id].reply!;
    const body = planted(OPERATIONS[id].reply!, example) as object;
    expect(JSON.stringify(body)).toContain(CANARY);
    const { reply } = await served(id, { status: 200, body });
    expect(reply.statusCode).toBe(200);
    expect(bodyOf(reply)).toStrictEqual(example);
  },
);

it.each(withReply)('a reply of %s without one of its members is an internal error', async (id) => {
  const { def } = (OPERATIONS[id].reply as unknown as z.core.$ZodTypes)._zod;
  const [shape] = def.type === 'object' ? [def.shape] : [];
  for (const [name, member] of Object.entries(shape ?? {})) {
    if ((member as z.core.$ZodTypes)._zod.def.type === 'optional') continue;
    const { [name]: _, ...rest } = { ...EXAMPLES[id].reply, other: CANARY } as Record<string, unknown>;
    const { reply, log } = await served(id, { status: 200, body: rest });
    expect([reply.statusCode, bodyOf(reply)['code']]).toStrictEqual([500, 'internal']);
    expect(reply.body + log).not.toContain(CANARY);
  }
});

const withMembers = OPERATION_IDS.flatMap((id) => {
  const { problemDetails } = OPERATIONS[id] as unknown as Operation;
  return Object.entries(problemDetails).flatMap(([code, declared]) =>
    typeof declared === 'object' ? [[id, code as ErrorCode, declared.members] as const] : [],
  );
});

it.each(withMembers)('a member that no schema names is not in %s’s problem %s either', async (id, code, members) => {
  const { problemMembers } = OPERATIONS[id] as unknown as Operation;
  const problem = new KeywardError(code, 'a sentence');
  const usual = await served(id, { problem, members: members as Record<string, unknown> });
  expect(bodyOf(usual.reply)).toMatchObject(members);
  const more = planted(problemMembers!, members) as Record<string, unknown>;
  expect(JSON.stringify(more)).toContain(CANARY);
  const { reply, log } = await served(id, { problem, members: more });
  expect(reply).toStrictEqual(usual.reply);
  expect(log).not.toContain(CANARY);
});

test.each(OPERATION_IDS.filter((id) => !withMembers.some(([other]) => other === id)))(
  'a problem of %s has no members of its own',
  async (id) => {
    const problem = new KeywardError('internal', 'an unexpected error occurred');
    const { reply } = await served(id, { problem, members: { encrypted_dek: CANARY } });
    expect([reply.statusCode, reply.body.includes(CANARY)]).toStrictEqual([500, false]);
  },
);

describe('a value of another kind than its schema', () => {
  const schema = z.object({
    text: z.string(),
    flag: z.boolean(),
    count: z.nullable(z.int()),
    kind: z.enum(['a', 'b']),
    one: z.literal(true),
    list: z.array(z.object({ name: z.string() })),
    free: z.optional(z.record(z.string(), z.unknown())),
    either: z.union([z.object({ left: z.string() }), z.object({ right: z.string() })]),
  });
  const good = { text: 'a', flag: true, count: 1, kind: 'a', one: true, list: [{ name: 'x' }], either: { right: 'r' } };

  it('does not leave', () => {
    expect(cutToSchema(schema, good)).toStrictEqual(good);
    expect(cutToSchema(schema, { ...good, count: null, free: { any: [1] } })).toStrictEqual({
      ...good,
      count: null,
      free: { any: [1] },
    });
    for (const wrong of [
      { text: { api_key: CANARY } },
      { flag: 'yes' },
      { count: '1' },
      { kind: 'c' },
      { one: false },
      { list: { name: 'x' } },
      { list: [{ name: 1 }] },
      { list: ['x'] },
      { free: CANARY },
      { free: null },
      { either: { middle: 'm' } },
    ]) {
      expect(() => cutToSchema(schema, { ...good, ...wrong })).toThrow('an unexpected error occurred');
    }
    for (const whole of [undefined, null, CANARY]) expect(() => cutToSchema(schema, whole)).toThrow();
  });

  it('cannot be told of a schema that replies do not have', () => {
    expect(() => cutToSchema(z.date(), new Date(0))).toThrow('a reply has a schema of the kind date');
  });
});
