import { newAuditRecord } from '../../../lambdas/core/audit/audit-record';
import type { AuditSink } from '../../../lambdas/core/audit/ports/audit-log';
import { timeOfId } from '../../../lambdas/core/crypto/timed-id';
import { createAuditGroupCommit } from '../../../lambdas/adapters/aws/dynamodb/audit-group-commit';
import type { AuditItem } from '../../../lambdas/adapters/aws/dynamodb/audit-item';
import { AuditTrail } from '../../../lambdas/core/audit/audit-trail';
import { KeywardError } from '../../../lambdas/core/errors/errors';
import { CountingMetrics, TEST_START, TestClock, testRandomness } from '../../doubles/memory-ports';
import { caller } from '../../doubles/world';

const given = { event_type: 'decrypt', success: true, region: 'us-east-1', request_id: 'r', metadata: {} } as const;
const recordAt = (time: number) => newAuditRecord({ clock: { now: () => time }, randomness: testRandomness }, given);

it('has an id that begins with its time and a nonce, 32 bytes in base64', () => {
  const { id, timestamp, nonce } = recordAt(TEST_START);
  expect(timestamp).toBe('2026-11-21T09:00:00.000Z');
  expect(id).toMatch(/^01a1fd557a80[0-9a-f]{20}$/);
  expect(timeOfId(id)).toBe(timestamp);
  expect(Buffer.from(nonce, 'base64')).toHaveLength(32);
  expect(Buffer.from(nonce, 'base64').toString('base64')).toBe(nonce);
});

it('has its own id, time and nonce, whatever it is made of', () => {
  const { id, timestamp, nonce } = recordAt(TEST_START);
  const later = { clock: { now: () => TEST_START + 1 }, randomness: testRandomness };
  const made = newAuditRecord(later, { ...given, ...{ id, timestamp, nonce } });
  expect(made.timestamp).toBe('2026-11-21T09:00:00.001Z');
  expect(made.id).not.toBe(id);
  expect(made.nonce).not.toBe(nonce);
  expect(Object.keys(made).slice(0, 2)).toEqual(['id', 'timestamp']);
});

it('has another id and another nonce each time, in every digit', () => {
  const records = Array.from({ length: 400 }, () => recordAt(TEST_START));
  for (const name of ['id', 'nonce'] as const) {
    const texts = records.map((record) => record[name]);
    expect(new Set(texts).size).toBe(400);
    const digits = name === 'id' ? [12, 31] : [0, 42];
    for (const digit of digits) expect(new Set(texts.map((text) => text[digit])).size).toBeGreaterThan(10);
  }
});

it.each([
  [0, '1970-01-01T00:00:00.000Z'],
  [1, '1970-01-01T00:00:00.001Z'],
  [Date.UTC(9999, 11, 31, 23, 59, 59, 999), '9999-12-31T23:59:59.999Z'],
])('has 32 digits at any time: %d', (time, timestamp) => {
  const { id } = recordAt(time);
  expect(id).toMatch(/^[0-9a-f]{32}$/);
  expect(timeOfId(id)).toBe(timestamp);
});

it.each(['f'.repeat(32), `e677d21fdc00${'0'.repeat(20)}`, 'x'.repeat(32), ''])('no time is that of the id %j', (id) => {
  expect(timeOfId(id)).toBeUndefined();
});

it('is the same in every attempt to write it', async () => {
  const attempts: AuditItem[] = [];
  const clock = new TestClock();
  const sink: AuditSink = createAuditGroupCommit({
    write: async (items) => {
      attempts.push(...items);
      clock.time += 50;
      const error = new KeywardError('audit_unavailable', 'not now');
      return attempts.length < 3 ? [{ error, next: 'again' as const }] : [undefined];
    },
    clock,
    randomness: testRandomness,
  });
  const trail = new AuditTrail({
    sink,
    clock,
    randomness: testRandomness,
    metrics: new CountingMetrics(),
    region: 'r',
  });
  await trail.record(caller, { event_type: 'decrypt', provider: null, metadata: {} });
  expect(attempts).toHaveLength(3);
  expect(new Set(attempts.map((item) => JSON.stringify(item))).size).toBe(1);
  expect(attempts[0]?.['nonce']?.S).toMatch(/^.{43}=$/);
});
