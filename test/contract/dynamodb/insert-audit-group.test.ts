import { createAuditGroupCommit } from '../../../lambdas/adapters/aws/dynamodb/audit-group-commit';
import { createAuditLog } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-audit-log';
import { insertAuditGroup } from '../../../lambdas/adapters/aws/dynamodb/insert-audit-group';
import { AUDIT_RETRY_MS } from '../../../lambdas/core/contract/protocol-times';
import type { AuditEvent } from '../../../lambdas/core/audit/audit-event';
import { createOnceAMinuteFailureLog } from '../../../lambdas/adapters/system/once-a-minute-failure-log';
import { createDynamoDBClient } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-client';
import { systemClock } from '../../../lambdas/adapters/system/system-clock';
import { TestClock, testRandomness } from '../../doubles/memory-ports';
import { RecordingLogger } from '../../doubles/recording-logger';
import { AMPLE } from '../../ample-limits';
import { auditEvent, newestFirst, recordOf } from '../audit-events';
import { auditSinkContract, singleAppendContract } from '../audit-log.contract';
import { keeps } from '../contract';
import { randomName } from '../random-name';
import { dropAnswer, dropRequest, pass, unavailable, type Fault } from './faulty-proxy';
import { faultsOf, useDynamoDB } from './use-dynamodb';

/** Statements for a function's sink beyond the contract: it writes the events of a batch in groups and overwrites none. */

interface Statements {
  Statements: { Statement: string; Parameters: { S?: string }[] }[];
}

const endpoint = useDynamoDB();
let provider: string;
let clock: TestClock;
let logger: RecordingLogger;
beforeEach(() => {
  provider = randomName('p');
  clock = new TestClock();
  logger = new RecordingLogger();
});

const newSink = (change: { maxAttempts?: number } = {}) => {
  const { maxAttempts = 1 } = change;
  return createAuditGroupCommit({
    write: insertAuditGroup({ client: endpoint().newClient({ maxAttempts }), table: endpoint().tables.audit }),
    clock,
    randomness: testRandomness,
    deadlineMs: AUDIT_RETRY_MS,
    retentionDays: 400,
  });
};
const newEvents = (count: number): AuditEvent[] => Array.from({ length: count }, () => auditEvent({ provider }));
const appendAll = (events: readonly AuditEvent[], sink = newSink()): Promise<PromiseSettledResult<void>[]> =>
  Promise.allSettled(events.map((event) => sink.append(recordOf(event))));
const statuses = (results: readonly PromiseSettledResult<void>[]): string[] => results.map(({ status }) => status);
const all = (count: number, status = 'fulfilled'): string[] => Array.from({ length: count }, () => status);
const calls = (): Record<string, number> => Object.fromEntries(endpoint().proxy.calls);

async function stored(): Promise<readonly AuditEvent[]> {
  const log = createAuditLog({
    client: endpoint().direct,
    table: endpoint().tables.audit,
    providers: [],
    clock: systemClock,
  });
  const query = { from: '2026-11-21T00:00:00.000Z', to: '2026-11-21T23:59:59.999Z', limit: 5_000, provider };
  return (await log.query(query)).events;
}

const answer =
  (body: unknown): Fault =>
  async () => ({ status: 200, body: JSON.stringify(body) });
const refusal =
  (name: string): Fault =>
  async () => ({ status: 400, body: `{"__type":"com.amazonaws.dynamodb.v20120810#${name}"}` });

/** Forwards the statements for which `code` gives no error code, and answers each with its result. */
const partly =
  (code: (index: number) => string | undefined): Fault =>
  async ({ body, forward }) => {
    const { Statements: statements } = JSON.parse(body) as Statements;
    const taken = statements.filter((_, index) => code(index) === undefined);
    const passed =
      taken.length > 0 ? await forward(JSON.stringify({ Statements: taken })) : { body: '{"Responses":[]}' };
    const { Responses } = JSON.parse(passed.body) as { Responses: unknown[] };
    const answers = statements.map((_, index) => {
      const Code = code(index);
      return Code === undefined ? Responses.shift() : { Error: { Code, Message: 'as the test wants it' } };
    });
    return { status: 200, body: JSON.stringify({ Responses: answers }) };
  };

const open = () => {
  const { client, direct, proxy, tables } = endpoint();
  return {
    port: createAuditGroupCommit({
      write: insertAuditGroup({ client, table: tables.audit }),
      clock,
      randomness: testRandomness,
    }),
    reader: createAuditLog({ client: direct, table: tables.audit, providers: [], clock }),
    faults: faultsOf(proxy),
  };
};
keeps('createAuditGroupCommit', auditSinkContract, open);
keeps('createAuditGroupCommit', singleAppendContract, open);

it('writes a hundred events in four calls, each as one at a time would', async () => {
  const events = newEvents(100);
  expect(statuses(await appendAll(events))).toStrictEqual(all(100));
  expect(calls()).toStrictEqual({ BatchExecuteStatement: 4 });
  const single = auditEvent({ provider });
  await newSink().append(recordOf(single));
  expect(calls()).toStrictEqual({ BatchExecuteStatement: 4, PutItem: 1 });
  expect(await stored()).toStrictEqual([...events, single].sort(newestFirst));
});

it('writes nothing over what is there, in a group either', async () => {
  const events = newEvents(3);
  await appendAll(events);
  const forged = events.map((event) => ({ ...event, user_id: 'somebody else' }));
  expect(statuses(await appendAll([...forged, ...newEvents(1)]))).toStrictEqual(all(4));
  const found = await stored();
  expect(found).toHaveLength(4);
  expect(found).toEqual(expect.arrayContaining(events));
});

it('marks the events of a group for TTL', async () => {
  const bodies: string[] = [];
  endpoint().proxy.every('BatchExecuteStatement', ({ body, forward }) => {
    bodies.push(body);
    return forward();
  });
  await appendAll(Array.from({ length: 2 }, () => auditEvent({ provider, timestamp: '2026-11-21T09:00:00.999Z' })));
  const at = { N: String(Date.UTC(2026, 10, 21, 9) / 1000 + 400 * 86_400) };
  expect((JSON.parse(bodies[0]!) as Statements).Statements.map(({ Parameters }) => Parameters.at(-1))).toEqual([
    at,
    at,
  ]);
});

describe('while calls go wrong', () => {
  it.each([
    ['an answer that is lost', dropAnswer],
    ['a request that is lost', dropRequest],
    ['a store that is busy', unavailable],
  ])('the SDK alone sends a group again: %s', async (_name, fault) => {
    endpoint().proxy.next('BatchExecuteStatement', fault, pass);
    const events = newEvents(5);
    expect(statuses(await appendAll(events, newSink({ maxAttempts: 2 })))).toStrictEqual(all(5));
    expect(await stored()).toStrictEqual([...events].sort(newestFirst));
    endpoint().proxy.reset();
    endpoint().proxy.every('BatchExecuteStatement', fault);
    const failed = await appendAll(newEvents(5), newSink({ maxAttempts: 2 }));
    expect(statuses(failed)).toStrictEqual(all(5, 'rejected'));
    expect(calls()).toStrictEqual({ BatchExecuteStatement: 2 });
  });

  it.each([
    'ProvisionedThroughputExceeded',
    'RequestLimitExceeded',
    'ThrottlingError',
    'InternalServerError',
    'TransactionConflict',
  ])('sends again the statements that were answered with %s, and settles the rest at once', async (code) => {
    const settled: number[] = [];
    let settledBefore = 0;
    endpoint().proxy.next(
      'BatchExecuteStatement',
      partly((index) => (index % 2 === 0 ? undefined : code)),
      ({ forward }) => {
        settledBefore = settled.length;
        return forward();
      },
    );
    const sink = newSink();
    await Promise.all(
      newEvents(24).map((event, index) => sink.append(recordOf(event)).then(() => settled.push(index))),
    );
    expect(settledBefore).toBe(12);
    expect(calls()).toStrictEqual({ BatchExecuteStatement: 2 });
    expect(await stored()).toHaveLength(24);
  });

  it.each(['ThrottlingException', 'ProvisionedThroughputExceededException', 'RequestLimitExceeded'])(
    'sends a group again that was throttled as a whole: %s',
    async (name) => {
      endpoint().proxy.next('BatchExecuteStatement', refusal(name), refusal(name));
      expect(statuses(await appendAll(newEvents(6)))).toStrictEqual(all(6));
      expect(calls()).toStrictEqual({ BatchExecuteStatement: 3 });
      endpoint().proxy.next('PutItem', refusal(name), refusal(name));
      await newSink().append(recordOf(auditEvent({ provider })));
      expect(await stored()).toHaveLength(7);
    },
  );

  it('gives up once the time of a function is up, each event by itself', async () => {
    endpoint().proxy.every(
      'BatchExecuteStatement',
      partly((index) => (index < 3 ? 'ThrottlingError' : undefined)),
    );
    endpoint().proxy.every('PutItem', refusal('ThrottlingException'));
    const startedAt = clock.time;
    const results = await appendAll(newEvents(10));
    expect(statuses(results)).toStrictEqual([...all(3, 'rejected'), ...all(7)]);
    expect(results[0]).toMatchObject({
      reason: {
        code: 'audit_unavailable',
        outside: { operation: 'BatchExecuteStatement', name: 'ThrottlingException' },
      },
    });
    expect(clock.time - startedAt).toBeGreaterThanOrEqual(2_500);
    expect(clock.time - startedAt).toBeLessThan(3_500);
    expect(await stored()).toHaveLength(7);
  });

  it.each(['AccessDeniedException', 'SerializationException', 'UnknownOperationException', 'ValidationException'])(
    'appends one by one what is refused as a group: %s',
    async (name) => {
      endpoint().proxy.every('BatchExecuteStatement', refusal(name));
      const events = newEvents(5);
      expect(statuses(await appendAll([...events, events[0]!]))).toStrictEqual(all(6));
      expect(calls()).toStrictEqual({ BatchExecuteStatement: 1, PutItem: 5 });
      expect(await stored()).toStrictEqual([...events].sort(newestFirst));
    },
  );

  it.each(['ResourceNotFoundException', 'ExpiredTokenException', 'KMSDisabledException'])(
    'sends nothing again where each would be refused: %s',
    async (name) => {
      endpoint().proxy.every('BatchExecuteStatement', refusal(name));
      expect(statuses(await appendAll(newEvents(5)))).toStrictEqual(all(5, 'rejected'));
      expect(calls()).toStrictEqual({ BatchExecuteStatement: 1 });
    },
  );

  it.each(['AccessDenied', 'ValidationError', 'a code to come', 'constructor', undefined])(
    'asks by itself about an event whose statement is answered with %s',
    async (Code) => {
      endpoint().proxy.next('BatchExecuteStatement', async ({ forward }) => {
        const { Responses } = JSON.parse((await forward()).body) as { Responses: unknown[] };
        return { status: 200, body: JSON.stringify({ Responses: [...Responses.slice(0, -1), { Error: { Code } }] }) };
      });
      expect(statuses(await appendAll(newEvents(5)))).toStrictEqual(all(5));
      expect(calls()).toStrictEqual({ BatchExecuteStatement: 1, PutItem: 1 });
    },
  );

  it('keeps the others where the table takes one event neither way', async () => {
    const events = newEvents(6);
    // An item may have up to 400 KB.
    const tooLarge = auditEvent({ provider, user_agent: 'x'.repeat(500_000) });
    const results = await appendAll([...events.slice(0, 3), tooLarge, ...events.slice(3)]);
    expect(statuses(results)).toStrictEqual([...all(3), 'rejected', ...all(3)]);
    expect(results[3]).toMatchObject({
      reason: { code: 'audit_unavailable', outside: { operation: 'PutItem', name: 'ValidationException' } },
    });
    expect(await stored()).toHaveLength(6);
  });

  it.each([
    ['no answers', {}],
    ['too few answers', { Responses: [{}] }],
    ['too many answers', { Responses: [{}, {}, {}, {}] }],
  ])('takes nothing for durable where there are %s', async (_name, body) => {
    endpoint().proxy.next('BatchExecuteStatement', answer(body), answer(body), dropRequest);
    const results = await appendAll(newEvents(3));
    expect(statuses(results)).toStrictEqual(all(3, 'rejected'));
    expect(calls()).toStrictEqual({ BatchExecuteStatement: 3 });
    expect(await stored()).toHaveLength(0);
  });

  it('names in the log what was refused as a group, once a minute', async () => {
    endpoint().proxy.every('BatchExecuteStatement', refusal('AccessDeniedException'));
    const failures = createOnceAMinuteFailureLog({ clock, logger });
    const client = createDynamoDBClient({
      ...AMPLE,
      maxAttempts: 1,
      failures,
      region: 'us-east-1',
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example-not-a-secret' },
      socketPath: endpoint().proxy.socketPath,
    });
    const sink = createAuditGroupCommit({
      write: insertAuditGroup({ client, table: endpoint().tables.audit }),
      clock,
      randomness: testRandomness,
    });
    await appendAll(newEvents(60), sink);
    client.destroy();
    expect(logger.lines.map(({ fields }) => [fields?.operation, fields?.error_name])).toStrictEqual([
      ['BatchExecuteStatement', 'AccessDeniedException'],
    ]);
  });
});
