import { createRecordRefusals } from '../../../lambdas/core/refusals/record-refusals';
import { accessLine } from '../../doubles/access-log';
import { CountingMetrics, MemoryAudit, testRandomness } from '../../doubles/memory-ports';

const MINUTE = 60_000;
const START = Date.parse('2026-11-21T09:00:00.000Z');
const ARN = 'arn:aws:iam::111111111111:user/tester';

function setUp(audit = new MemoryAudit()) {
  const metrics = new CountingMetrics();
  const deps = { region: 'us-east-1', audit, randomness: testRandomness, metrics };
  return { audit, metrics, record: createRecordRefusals(deps), another: () => createRecordRefusals(deps) };
}

/** Lines of one address from a time on, a millisecond apart. */
const flood = (count: number, from = START, values: Readonly<Record<string, string>> = {}): string[] =>
  Array.from({ length: count }, (_, index) => accessLine({ ...values, requestTimeEpoch: String(from + index) }));

/** What became of a flood: the number of events of their own, and the sum of the counts. */
const told = ({ events }: MemoryAudit) => ({
  events: events.filter(({ metadata }) => metadata.count === undefined).length,
  counted: events.reduce((sum, { metadata: { count = 0 } }) => sum + count, 0),
});

test('a refusal is one whole event', async () => {
  const { audit, record } = setUp();
  const line = accessLine({
    requestId: 'r-1',
    requestTimeEpoch: String(START),
    'error.responseType': 'ACCESS_DENIED',
    'identity.userArn': ARN,
  });
  expect(await record([line])).toEqual({ recorded: 1, counted: 0, unrouted: 0, malformed: 0 });
  expect(audit.events).toEqual([
    {
      id: expect.stringMatching(/^01a1fd557a80[0-9a-f]{20}$/) as string,
      timestamp: '2026-11-21T09:00:00.000Z',
      event_type: 'unauthorized_access',
      provider: null,
      user_id: ARN,
      ip_address: '192.0.2.1',
      user_agent: 'test/1.0',
      success: false,
      error_message: 'access denied',
      region: 'us-east-1',
      request_id: 'r-1',
      key_version: null,
      token_sha256: null,
      metadata: { code: 'access_denied', reason: 'policy_denied', operation: 'GET /v1/providers' },
    },
  ]);
  expect(audit.records[0]?.nonce).toMatch(/^[A-Za-z0-9+/]{43}=$/);
});

test('a delivery that comes again, alone, with others, or to another process adds nothing', async () => {
  const { audit, record, another } = setUp();
  const lines = flood(5);
  await record(lines);
  const first = [...audit.events];
  await record(lines);
  await record([...lines.slice(2), ...lines]);
  await another()(lines.toReversed());
  expect(audit.events).toEqual(first);
  expect(told(audit)).toEqual({ events: 5, counted: 0 });
});

test('a flood of one address is ten events in a minute, the last of which says so, and an exact count', async () => {
  const { audit, record } = setUp();
  expect(await record(flood(1000))).toMatchObject({ recorded: 10, counted: 990 });
  expect(told(audit)).toEqual({ events: 10, counted: 990 });
  const [...events] = audit.events;
  expect(events.map(({ metadata }) => metadata.further_refusals)).toEqual([
    ...Array.from({ length: 9 }, () => undefined),
    'counted',
    undefined,
  ]);
  expect(events[10]).toMatchObject({
    timestamp: new Date(START + 999).toISOString(),
    ip_address: '192.0.2.1',
    user_id: null,
    user_agent: null,
    metadata: {
      code: 'access_denied',
      reason: 'refusals_counted',
      count: 990,
      first_at: new Date(START + 10).toISOString(),
      last_at: new Date(START + 999).toISOString(),
    },
  });
});

test('over all deliveries of a minute there are ten, in the next minute again', async () => {
  const { audit, record } = setUp();
  for (const from of [0, 100, 200]) await record(flood(50, START + from));
  expect(told(audit)).toEqual({ events: 10, counted: 140 });
  await record([...flood(3, START + MINUTE), ...flood(20, START + 300)]);
  expect(told(audit)).toEqual({ events: 13, counted: 160 });
  // The first minute is forgotten when enough others have come.
  for (const later of [2, 3, 4, 5]) await record(flood(1, START + later * MINUTE));
  await record(flood(1, START + 400));
  expect(told(audit)).toEqual({ events: 18, counted: 160 });
});

test('a flood that comes again counts nothing twice, and in another process at most ten of a minute', async () => {
  const { audit, record, another } = setUp();
  const [one, other] = [flood(50), flood(50, START + 100)];
  for (const lines of [one, other, one, other]) await record(lines);
  expect(told(audit)).toEqual({ events: 10, counted: 90 });
  await another()(one);
  expect(told(audit)).toEqual({ events: 10, counted: 90 });
  await another()(other);
  expect(told(audit)).toEqual({ events: 20, counted: 90 });
});

test('addresses do not disturb each other, and who is verified is never only counted', async () => {
  const { audit, record } = setUp();
  const verified = { 'error.responseType': 'ACCESS_DENIED', 'identity.userArn': ARN };
  await record([
    ...flood(30, START, { 'identity.sourceIp': '192.0.2.1' }),
    ...flood(12, START, { 'identity.sourceIp': '-' }),
    ...flood(40, START, verified),
  ]);
  expect(told(audit)).toEqual({ events: 60, counted: 22 });
  const counts = audit.events.filter(({ metadata }) => metadata.count !== undefined);
  expect(counts.map(({ ip_address, metadata }) => [ip_address, metadata.count])).toEqual([
    ['192.0.2.1', 20],
    [null, 2],
  ]);
});

test('beyond ten thousand addresses the others share one count, with an event of its own', async () => {
  const { audit, record } = setUp();
  const lines = Array.from({ length: 10_050 }, (_, index) =>
    accessLine({ 'identity.sourceIp': `10.0.${index >> 8}.${index & 255}`, requestTimeEpoch: String(START) }),
  );
  expect(await record(lines)).toMatchObject({ recorded: 10_010, counted: 40 });
  expect(told(audit)).toEqual({ events: 10_010, counted: 40 });
});

test('two requests that chose one id in one millisecond have two events', async () => {
  const { audit, record } = setUp();
  const values = { requestId: 'same', requestTimeEpoch: String(START) };
  const lines = [accessLine(values), accessLine({ ...values, 'identity.sourceIp': '192.0.2.2' })];
  await record(lines);
  await record(lines.toReversed());
  expect(audit.events.map(({ ip_address, request_id }) => [ip_address, request_id])).toEqual([
    ['192.0.2.1', 'same'],
    ['192.0.2.2', 'same'],
  ]);
});

test('what is not recorded is counted', async () => {
  const { audit, metrics, record } = setUp();
  const lines = [
    accessLine({ resourcePath: '-' }),
    accessLine({ resourcePath: '/readyz' }),
    accessLine({ status: '200', 'integration.status': '200' }),
    'no line',
    accessLine({ requestTimeEpoch: '-' }),
  ];
  expect(await record(lines)).toEqual({ recorded: 0, counted: 0, unrouted: 1, malformed: 2 });
  expect(audit.events).toEqual([]);
  expect([metrics.of('refusal_unrouted'), metrics.of('access_line_malformed')]).toEqual([1, 2]);
  expect(await record([])).toEqual({ recorded: 0, counted: 0, unrouted: 0, malformed: 0 });
});

test.each([0, 3, 10])('a delivery of which %d events were written fails, and comes again whole', async (written) => {
  const { audit, metrics, record } = setUp();
  const lines = flood(25);
  audit.failFrom = written;
  await expect(record(lines)).rejects.toMatchObject({ code: 'audit_unavailable' });
  expect(metrics.of('audit_append_failed')).toBe(1);
  audit.failFrom = Infinity;
  expect(await record(lines)).toMatchObject({ recorded: 10, counted: 15 });
  expect(told(audit)).toEqual({ events: 10, counted: 15 });
});

test('when some of many fail, no more are begun', async () => {
  const { audit, record } = setUp();
  audit.failFrom = 0;
  const verified = { 'error.responseType': 'ACCESS_DENIED', 'identity.userArn': ARN };
  await expect(record(flood(1200, START, verified))).rejects.toMatchObject({ code: 'audit_unavailable' });
  expect(audit.records).toHaveLength(500);
});
