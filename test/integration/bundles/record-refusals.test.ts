import { accessLine, CONTROL_MESSAGE, deliveryOf } from '../../doubles/access-log';
import { BundledDeployment, request } from './bundled-deployment';
import { sharedBundles } from './shared-bundles';

/** The function as it is deployed: one file, against DynamoDB over HTTP. */

let deployment: BundledDeployment;

beforeEach(async () => {
  deployment = await BundledDeployment.start(process.execPath, await sharedBundles(), undefined);
});
afterEach(() => deployment.close());

const ARN = 'arn:aws:iam::111111111111:user/tester';
const at = (index: number): string => String(Date.parse('2026-11-21T09:00:00.000Z') + index);

const shown = async (): Promise<readonly Record<string, unknown>[]> => {
  const audit = await deployment.function('audit');
  const path = '/v1/audit/events?from=2026-11-21&to=2026-11-22&event_type=unauthorized_access&limit=100';
  const reply = await request(audit, 'GET', path);
  expect(reply.status).toBe(200);
  return (reply.body as { events: Record<string, unknown>[] }).events;
};

test('what the gateway refused is found in the audit log, once, however often it is delivered', async () => {
  const recordRefusals = await deployment.function('record-refusals');
  const none = { recorded: 0, counted: 0, unrouted: 0, malformed: 0 };
  expect(await recordRefusals.invoke(CONTROL_MESSAGE)).toEqual(none);
  const denied = accessLine({
    requestId: 'denied-1',
    requestTimeEpoch: at(0),
    'error.responseType': 'ACCESS_DENIED',
    'identity.userArn': ARN,
    'identity.userAgent': 'curl/8 "quoted"',
  });
  const unsigned = Array.from({ length: 30 }, (_, index) => accessLine({ requestTimeEpoch: at(index) }));
  const delivery = deliveryOf([denied, ...unsigned, 'no line of it']);
  expect(await recordRefusals.invoke(delivery)).toEqual({ recorded: 11, counted: 20, unrouted: 0, malformed: 1 });
  await recordRefusals.says('"access_line_malformed":1');
  const first = await shown();
  expect(first).toHaveLength(12);
  expect(first.find(({ request_id }) => request_id === 'denied-1')).toMatchObject({
    event_type: 'unauthorized_access',
    timestamp: '2026-11-21T09:00:00.000Z',
    user_id: ARN,
    ip_address: '192.0.2.1',
    user_agent: 'curl/8 "quoted"',
    success: false,
    region: 'us-east-1',
    metadata: { code: 'access_denied', reason: 'policy_denied', operation: 'GET /v1/providers' },
  });

  await recordRefusals.invoke(delivery);
  const another = await deployment.function('record-refusals');
  await another.invoke(delivery);
  await another.invoke(deliveryOf([denied]));
  expect(await shown()).toEqual(first);
  expect(recordRefusals.output + another.output).not.toContain('quoted');
});

test('what is not a delivery of the access log fails, and so does all while the table is away', async () => {
  const recordRefusals = await deployment.function('record-refusals');
  const refused = 'record-refusals refused the event: not an event of this function';
  await expect(recordRefusals.invoke({ awslogs: { data: 'H4sI' } })).rejects.toThrow(refused);
  await expect(recordRefusals.invoke(deliveryOf([], { logGroup: 'another' }))).rejects.toThrow(refused);
  await deployment.dynamodb.close();
  await expect(recordRefusals.invoke(deliveryOf([accessLine()]))).rejects.toThrow(
    'record-refusals failed; see its log',
  );
  await recordRefusals.says('"audit_append_failed":1');
});
