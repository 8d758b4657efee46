import { randomBytes } from 'node:crypto';
import {
  auditBucket,
  auditBuckets,
  credentialShard,
  credentialShards,
  tableDefinitions,
} from '../../lambdas/adapters/aws/dynamodb/dynamodb-tables';

const TABLES = { keysets: 'one', credentials: 'two', audit: 'three', rotations: 'four' };

/** Stored rows are found by these functions permanently: a change here loses them. */
describe('where a row is', () => {
  it.each([
    ['default', 'openai#07'],
    ['a', 'openai#10'],
    ['production-key.v2', 'openai#09'],
  ])('a credential called %s', (name, shard) => {
    expect(credentialShard('openai', name)).toBe(shard);
  });

  it('an event', () => {
    const timestamp = '2026-11-21T23:59:59.999Z';
    expect(auditBucket('openai', timestamp, `${'0'.repeat(31)}b`)).toBe('openai#2026-11-21#11');
    expect(auditBucket(null, timestamp, `f${'0'.repeat(31)}`)).toBe('-#2026-11-21#00');
  });

  it('is one of the places where it is looked for, and all are used alike', () => {
    const credentials = new Map<string, number>();
    const events = new Map<string, number>();
    for (let count = 0; count < 16_000; count += 1) {
      const id = randomBytes(16).toString('hex');
      const shard = credentialShard('openai', id);
      const bucket = auditBucket('openai', '2026-11-21T00:00:00.000Z', id);
      credentials.set(shard, (credentials.get(shard) ?? 0) + 1);
      events.set(bucket, (events.get(bucket) ?? 0) + 1);
    }
    expect([...credentials.keys()].sort()).toStrictEqual(credentialShards('openai'));
    expect([...events.keys()].sort()).toStrictEqual(auditBuckets('openai', '2026-11-21'));
    // 1,000 are expected; ten standard deviations are 306.
    for (const count of [...credentials.values(), ...events.values()])
      expect(Math.abs(count - 1_000)).toBeLessThan(306);
  });
});

it('defines the tables under the names that it is given, billed by request', () => {
  const definitions = tableDefinitions(TABLES);
  expect(definitions.map(({ TableName }) => TableName)).toStrictEqual(['one', 'two', 'three', 'four']);
  for (const { BillingMode } of definitions) expect(BillingMode).toBe('PAY_PER_REQUEST');
});
