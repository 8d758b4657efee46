import { isCount, isRecord, isTimestamp } from '../../../lambdas/core/crypto/record-checks';

test('a record is an object, not null, not an array', () => {
  expect([{}, { a: 1 }, Object.create(null)].every(isRecord)).toBe(true);
  expect([null, undefined, [], '', 'a', 0, true].some(isRecord)).toBe(false);
});

test('what is an instance of something, or inherits members, is no record', () => {
  const inheriting = Object.assign(Object.create({ smuggled: 1 }) as object, { a: 1 });
  expect([new Set(), new Map(), new Date(0), Buffer.alloc(1), inheriting].some(isRecord)).toBe(false);
  expect(isRecord(structuredClone({ a: 1 }))).toBe(true);
});

test('a timestamp is UTC with milliseconds, exactly as toISOString writes it', () => {
  expect(isTimestamp('2026-11-21T09:00:00.000Z')).toBe(true);
  expect(isTimestamp('2024-02-29T23:59:59.999Z')).toBe(true);
  expect(isTimestamp('1970-01-01T00:00:00.000Z')).toBe(true);
  expect(isTimestamp('9999-12-31T23:59:59.999Z')).toBe(true);
  const others = [
    '2026-11-21',
    '2026-11-21T09:00:00Z',
    '2026-11-21T09:00:00.000+00:00',
    '2026-11-21T09:00:00.0000Z',
    '2026-02-29T00:00:00.000Z',
    '2026-11-21T24:00:00.000Z',
    '2026-11-21 09:00:00.000Z',
    ' 2026-11-21T09:00:00.000Z',
    '0000-01-01T00:00:00.000Z',
    '1969-12-31T23:59:59.999Z',
    '-000001-01-01T00:00:00.000Z',
    '-271821-04-20T00:00:00.000Z',
    '+010000-01-01T00:00:00.000Z',
    '+275760-09-13T00:00:00.000Z',
    'Sat, 21 Nov 2026 09:00:00 GMT',
    '0',
    '',
  ];
  for (const text of others) expect(isTimestamp(text)).toBe(false);
  for (const other of [0, null, undefined, new Date(0), {}]) expect(isTimestamp(other)).toBe(false);
});

test('a count is whole, exact and not below its least', () => {
  expect(isCount(0, 0)).toBe(true);
  expect(isCount(Number.MAX_SAFE_INTEGER, 1)).toBe(true);
  for (const value of [0, -1, 1.5, NaN, Infinity, Number.MAX_SAFE_INTEGER + 1, '1', 1n, null, undefined, [1]]) {
    expect(isCount(value, 1)).toBe(false);
  }
});
