import type { Principal } from '../../../local/identity/principals';
import type { Refusal } from '../../../lambdas/core/refusals/refusal-event';
import { RefusalAudit } from '../../../local/gateway/refusal-audit';
import { CountingMetrics, MemoryAudit, TestClock, testRandomness } from '../../doubles/memory-ports';
import { RecordingLogger } from '../../doubles/recording-logger';

const principal: Principal = {
  accessKeyId: 'AKIAEXAMPLEEXAMPLE22',
  user: 'tester',
  arn: 'arn:aws:iam::000000000000:user/tester',
  policy: { Version: '2012-10-17', Statement: [] },
};

function setUp() {
  const audit = new MemoryAudit();
  const clock = new TestClock();
  const logger = new RecordingLogger();
  const metrics = new CountingMetrics();
  const log = new RefusalAudit({ region: 'us-east-1', audit, clock, randomness: testRandomness, logger, metrics });
  return { audit, clock, logger, metrics, log };
}

let requests = 0;
const refusal = (more: Partial<Refusal> = {}): Refusal => ({
  requestId: `request-${++requests}`,
  address: '192.0.2.1',
  userAgent: 'test',
  code: 'access_denied',
  reason: 'signature_missing',
  operation: 'GET /v1/providers',
  provider: null,
  keyVersion: null,
  ...more,
});

test('a refusal is one whole event', async () => {
  const { log, audit } = setUp();
  await log.unverified(refusal({ requestId: 'r' }), undefined);
  expect(audit.events).toEqual([
    {
      id: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      timestamp: '2026-11-21T09:00:00.000Z',
      event_type: 'unauthorized_access',
      provider: null,
      user_id: null,
      ip_address: '192.0.2.1',
      user_agent: 'test',
      success: false,
      error_message: 'access denied',
      region: 'us-east-1',
      request_id: 'r',
      key_version: null,
      token_sha256: null,
      metadata: { code: 'access_denied', reason: 'signature_missing', operation: 'GET /v1/providers' },
    },
  ]);
});

test('who was claimed is not who it was', async () => {
  const { log, audit } = setUp();
  await log.unverified(refusal({ operation: undefined }), principal);
  expect(audit.events[0]).toMatchObject({
    user_id: null,
    error_message: `access denied: the request claimed to be ${principal.arn}`,
  });
  expect(audit.events[0]?.metadata).not.toHaveProperty('operation');
});

test('a flood of unknown callers becomes ten events and a count', async () => {
  const { log, audit, clock, metrics } = setUp();
  for (let each = 0; each < 1000; each++) await log.unverified(refusal(), undefined);
  expect(audit.events).toHaveLength(10);
  expect(audit.events.map((event) => event.metadata.further_refusals === 'counted')).toEqual([
    ...Array.from({ length: 9 }, () => false),
    true,
  ]);
  clock.time += 60_000;
  await log.flush();
  await log.flush();
  expect(audit.events).toHaveLength(11);
  expect(audit.events[10]).toMatchObject({
    event_type: 'unauthorized_access',
    ip_address: '192.0.2.1',
    user_id: null,
    metadata: {
      reason: 'refusals_counted',
      count: 990,
      first_at: '2026-11-21T09:00:00.000Z',
      last_at: '2026-11-21T09:00:00.000Z',
    },
  });
  expect(metrics.of('unauthorized_access')).toBe(1000);
});

test('a verified caller gets an event each, however many', async () => {
  const { log, audit } = setUp();
  for (let each = 0; each < 50; each++) await log.verified(refusal({ reason: 'policy_denied' }), principal);
  expect(audit.events).toHaveLength(50);
  expect(new Set(audit.events.map((event) => event.user_id))).toEqual(new Set([principal.arn]));
});

test('what the audit log does not take is an error, and a count waits', async () => {
  const { log, audit, clock, metrics } = setUp();
  for (let each = 0; each < 12; each++) await log.unverified(refusal({ address: null }), undefined);
  audit.down = true;
  await expect(log.verified(refusal(), principal)).rejects.toThrow();
  await expect(log.unverified(refusal(), undefined)).rejects.toThrow();
  clock.time += 60_000;
  await log.flush();
  expect(metrics.of('audit_append_failed')).toBe(3);
  audit.down = false;
  await log.flush();
  expect(audit.events.at(-1)).toMatchObject({ ip_address: null, metadata: { count: 2 } });
});

test('the end writes the running minute too, and says where it could not', async () => {
  const { log, audit, logger } = setUp();
  for (let each = 0; each < 11; each++) await log.unverified(refusal(), undefined);
  audit.down = true;
  await log.close();
  expect(logger.lines).toMatchObject([{ level: 'error' }]);
  audit.down = false;
  await log.close();
  expect(audit.events.at(-1)).toMatchObject({ metadata: { count: 1 } });
});

test('with the audit log away for long the newest counts are kept', async () => {
  const { log, audit, clock, logger } = setUp();
  audit.down = true;
  const refuseOften = async (address: string): Promise<void> => {
    for (let each = 0; each < 11; each++) await log.unverified(refusal({ address }), undefined).catch(() => undefined);
  };
  for (let minute = 0; minute < 3; minute++) {
    for (let each = 0; each < 4000; each++) await refuseOften(`${minute}-${each}`);
    clock.time += 60_000;
    await log.flush();
  }
  expect(logger.lines).toMatchObject([{ level: 'error' }]);
  audit.down = false;
  await log.flush();
  expect(audit.events).toHaveLength(10_000);
  expect(audit.events.at(-1)?.ip_address).toBe('2-3999');
});
