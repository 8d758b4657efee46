import { KeywardError } from '../../../lambdas/core/errors/errors';
import type { OutsideFailure } from '../../../lambdas/core/errors/outside-failure';
import { failureFields } from '../../../lambdas/core/ports/failure-fields';
import type { WriteResult } from '../../../lambdas/core/ports/write-result';
import { AuditTrail } from '../../../lambdas/core/audit/audit-trail';
import { CountingMetrics, MemoryAudit, TestClock, testRandomness } from '../../doubles/memory-ports';
import { caller, World } from '../../doubles/world';
import { failureOf } from '../keysets/failure-of';

const DENIED: OutsideFailure = {
  service: 'DynamoDB',
  operation: 'PutItem',
  region: 'us-east-1',
  name: 'AccessDeniedException',
  kind: 'denied',
};
const failedBy = (outside: OutsideFailure): KeywardError =>
  new KeywardError('store_unavailable', 'the table did not answer; try again', undefined, outside);

function newTrail() {
  const audit = new MemoryAudit();
  const deps = { clock: new TestClock(), randomness: testRandomness, metrics: new CountingMetrics() };
  return { audit, trail: new AuditTrail({ ...deps, sink: audit, region: 'us-east-1' }) };
}

const changed = (trail: AuditTrail, write: () => Promise<WriteResult>) =>
  trail.change(caller, { event_type: 'config_change', provider: 'openai', metadata: { write_id: 'a' } }, write);

describe('a change whose write was turned away', () => {
  test.each(['denied', 'refused'] as const)('(%s) failed, says the log, and the caller is told why', async (kind) => {
    const { audit, trail } = newTrail();
    const error = failedBy({ ...DENIED, kind });
    expect(await failureOf(changed(trail, () => Promise.reject(error)))).toBe(error);
    expect(audit.events.map(({ success, metadata: { phase, outcome } }) => [phase, outcome, success])).toEqual([
      ['intent', undefined, null],
      ['outcome', 'failed', false],
    ]);
  });

  test.each([
    ['by an outage', failedBy({ ...DENIED, name: 'TimeoutError', kind: 'outage' })],
    ['without a name', new KeywardError('store_unavailable', 'no answer')],
    ['by a defect', new TypeError()],
  ])('is unknown where it failed %s', async (_, error) => {
    const { audit, trail } = newTrail();
    expect((await failureOf(changed(trail, () => Promise.reject(error)))).code).toBe('outcome_unknown');
    expect(audit.events.at(-1)).toMatchObject({ success: null, metadata: { outcome: 'unknown' } });
  });
});

test('an audit log that takes no event leaves its failure with the error', async () => {
  const trail = new AuditTrail({
    sink: { append: () => Promise.reject(failedBy(DENIED)) },
    clock: new TestClock(),
    randomness: testRandomness,
    metrics: new CountingMetrics(),
    region: 'us-east-1',
  });
  const error = await failureOf(trail.record(caller, { event_type: 'encrypt', provider: 'openai', metadata: {} }));
  expect(failureFields(error)).toEqual({ code: 'audit_unavailable', error_name: 'AccessDeniedException' });
});

test('a credential whose write is refused by a policy is store_unavailable, and nothing of it is stored', async () => {
  const world = new World();
  world.credentials.put = () => Promise.reject(failedBy(DENIED));
  const command = { provider: 'openai', name: 'a', api_key: 'x', metadata: {} };
  const error = await failureOf(world.application.putCredential(caller, command));
  expect(error.code).toBe('store_unavailable');
  expect(error.outside).toBe(DENIED);
});

describe('fields of a log line', () => {
  test.each([
    [failedBy(DENIED), { code: 'store_unavailable', error_name: 'AccessDeniedException' }],
    [new KeywardError('keys_unavailable', '', 'kek_missing'), { code: 'keys_unavailable', reason: 'kek_missing' }],
    [new TypeError('secret'), { code: 'internal', error_name: 'TypeError' }],
    [Object.assign(new Error('secret'), { code: 'ENOSPC' }), { code: 'internal', error_name: 'ENOSPC' }],
    ['secret', { code: 'internal', error_name: 'other' }],
  ])('of a failure are bounded words', (thrown, fields) => {
    expect(failureFields(thrown)).toEqual(fields);
  });
});
