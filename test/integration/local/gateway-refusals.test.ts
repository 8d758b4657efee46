import { readAccessLogLine } from '../../../lambdas/core/refusals/access-log-line';
import { createRecordRefusals } from '../../../lambdas/core/refusals/record-refusals';
import { gatewayRefusal } from '../../../lambdas/core/refusals/gateway-refusal';
import { accessLine } from '../../doubles/access-log';
import { CountingMetrics, MemoryAudit, testRandomness } from '../../doubles/memory-ports';
import { send, serveGateway, type ServedGateway } from './served-gateway';

/** The same request, refused by local mode and by API Gateway: what the audit log says of it. */

let served: ServedGateway;

beforeAll(async () => {
  served = await serveGateway();
});
afterAll(() => served.close());
beforeEach(() => {
  served.audit.events.length = 0;
});

const ASKED = { method: 'GET', path: '/v1/providers/google' };
const TEMPLATE = '/v1/providers/{provider}';
const POLICY_DENIED = {
  'error.responseType': 'ACCESS_DENIED',
  'identity.userArn': 'arn:aws:iam::000000000000:user/openai-only',
};

async function onAws(values: Readonly<Record<string, string>>) {
  const audit = new MemoryAudit();
  const deps = { region: 'us-east-1', audit, randomness: testRandomness, metrics: new CountingMetrics() };
  const line = accessLine({ resourcePath: TEMPLATE, 'identity.sourceIp': '127.0.0.1', ...values });
  await createRecordRefusals(deps)([line]);
  return audit.events;
}

/** What differs by its nature: ids, times, and what stands in the path. */
const comparable = (event: MemoryAudit['events'][number] | undefined) => ({
  ...event,
  id: event?.id.length,
  timestamp: '',
  request_id: '',
  provider: '',
});

test('an unsigned request: the same members and the same reason', async () => {
  expect((await served.ask('GET', ASKED.path, ['User-Agent: test/1.0'])).status).toBe(403);
  const [aws, ...others] = await onAws({});
  expect(others).toEqual([]);
  expect(served.audit.events).toHaveLength(1);
  expect(comparable(aws)).toEqual(comparable(served.audit.events[0]));
});

test('a request that the policy of its principal does not allow: the same members and the same reason', async () => {
  expect((await send(served, ASKED, { profile: 'openai-only' })).status).toBe(403);
  const [aws] = await onAws({ ...POLICY_DENIED, 'identity.userAgent': '-' });
  expect({ ...comparable(aws), user_agent: '' }).toEqual({ ...comparable(served.audit.events[0]), user_agent: '' });
});

test('a wrong signature: local mode knows why, the gateway only that', async () => {
  const reply = await send(served, ASKED, { secretAccessKey: 'example-not-the-secret' });
  expect(reply.status).toBe(403);
  const [aws] = await onAws({ 'error.responseType': 'INVALID_SIGNATURE' });
  const [local] = served.audit.events;
  expect(local?.metadata.reason).toBe('signature_mismatch');
  expect(aws).toMatchObject({ user_id: null, metadata: { ...local?.metadata, reason: 'signature_invalid' } });
});

test.each([
  ['GET', '/readyz', 403, '/readyz'],
  ['HEAD', '/readyz', 405, '/readyz'],
  ['GET', '/ads.txt', 404, '-'],
  ['GET', '/.well-known/security.txt', 404, '-'],
])('%s %s without a signature is no refusal there and none here', async (method, path, status, resourcePath) => {
  expect((await served.ask(method, path)).status).toBe(status);
  expect(served.audit.events).toEqual([]);
  expect(await onAws({ httpMethod: method, resourcePath })).toEqual([]);
});

test('a signed request without a route is no refusal there, and here not told from others', async () => {
  // Its handler, which stands for the router here, answers: nobody was refused.
  expect((await send(served, { method: 'GET', path: '/v1/nothing' })).status).toBe(200);
  expect(served.audit.events).toEqual([]);
  expect(gatewayRefusal(readAccessLogLine(accessLine({ resourcePath: '-' }))!)).toBe('unrouted');
});

test('a flood of unknown callers is ten events in a minute in both', async () => {
  const audit = new MemoryAudit();
  const deps = { region: 'us-east-1', audit, randomness: testRandomness, metrics: new CountingMetrics() };
  const minute = Math.floor(Date.now() / 60_000) * 60_000;
  await createRecordRefusals(deps)(
    Array.from({ length: 12 }, (_, index) => accessLine({ requestTimeEpoch: String(minute + index) })),
  );
  expect(audit.events.map(({ metadata }) => metadata.further_refusals ?? metadata.count ?? 'event')).toEqual([
    ...Array.from({ length: 9 }, () => 'event'),
    'counted',
    2,
  ]);
  // test/unit/local/refusal-audit.test.ts has the same of local mode, with a clock that stands still.
});
