import { RefusalCounter } from '../../../lambdas/core/refusals/refusal-counter';

const MINUTE = 60_000;
const start = 1_000 * MINUTE;
const times = (count: number, act: () => string): string[] => Array.from({ length: count }, act);

test('the first of a minute get events, the last of them says so, the rest are counted into one', () => {
  const meter = new RefusalCounter(3);
  let now = start;
  expect(times(6, () => meter.record('a', (now += 100)))).toEqual([
    'audit',
    'audit',
    'audit_last',
    'count',
    'count',
    'count',
  ]);
  expect(meter.takeFinished(start + MINUTE - 1)).toEqual([]);
  expect(meter.takeFinished(start + MINUTE)).toEqual([
    { address: 'a', count: 3, firstAt: start + 400, lastAt: start + 600 },
  ]);
  expect(meter.takeFinished(start + MINUTE)).toEqual([]);
  expect(meter.record('a', start + MINUTE)).toBe('audit');
});

test('addresses do not disturb each other', () => {
  const meter = new RefusalCounter(1);
  expect(['a', 'b', 'a'].map((address) => meter.record(address, start))).toEqual(['audit_last', 'audit_last', 'count']);
  expect(meter.takeFinished(start + MINUTE)).toMatchObject([{ address: 'a', count: 1 }]);
});

test('the next refusal ends a minute, and its count is kept until it is taken', () => {
  const meter = new RefusalCounter(1);
  for (const minute of [0, 1]) times(3, () => meter.record('a', start + minute * MINUTE));
  expect(meter.takeFinished(start + 2 * MINUTE)).toMatchObject([{ count: 2 }, { count: 2 }]);
});

test('a clock that goes back ends a minute too', () => {
  const meter = new RefusalCounter(1);
  times(2, () => meter.record('a', start));
  expect(meter.record('a', start - MINUTE)).toBe('audit_last');
  expect(meter.takeFinished(start - MINUTE)).toMatchObject([{ count: 1 }]);
});

test('at the end the running minute is taken too', () => {
  const meter = new RefusalCounter(1);
  times(2, () => meter.record('a', start));
  expect(meter.takeAll()).toMatchObject([{ address: 'a', count: 1 }]);
});

test('beyond its number of addresses all others share one count', () => {
  const meter = new RefusalCounter(2, 3);
  for (let each = 0; each < 1000; each++) meter.record(`address ${each}`, start);
  expect(meter.record('address 0', start)).toBe('audit_last');
  expect(meter.takeFinished(start + MINUTE)).toEqual([{ address: null, count: 995, firstAt: start, lastAt: start }]);
});
