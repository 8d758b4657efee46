import fc from 'fast-check';
import { DAY_MS } from '../../../../lambdas/core/contract/time-units';
import { expiryLimit } from '../../../../local/journal/expiry-limit';
import { runs } from '../../../effort';

const NOW = Date.UTC(2026, 10, 27, 10);
const ago = (days: number): number => NOW - days * DAY_MS;
const everyDay = (from: number, to: number): number[] =>
  Array.from({ length: from - to + 1 }, (_, index) => ago(from - index));
const limit = (times: readonly number[], days: number, now = NOW): number =>
  expiryLimit({ times, now, retentionMs: days * DAY_MS });

it('is the retention before now where something was written every week', () => {
  expect(limit(everyDay(800, 0), 400)).toBe(ago(400));
  expect(limit(everyDay(800, 7), 400)).toBe(ago(400));
  expect(
    limit(
      everyDay(800, 0).filter((_, index) => index % 7 === 0),
      400,
    ),
  ).toBe(ago(400));
  expect(
    limit(
      everyDay(30, 0).flatMap((day) => [day, day - DAY_MS / 4, day - DAY_MS / 2, day - (3 * DAY_MS) / 4]),
      1,
    ),
  ).toBe(ago(1));
});

it('counts a silence for seven days, and for a quarter of the retention, at most', () => {
  // A clock that is 10 years ahead: 7 of 400 days have gone by.
  expect(limit(everyDay(800, 0), 400, NOW + 3_650 * DAY_MS)).toBe(ago(393));
  expect(limit(everyDay(800, 0), 4, NOW + 3_650 * DAY_MS)).toBe(ago(3));
  // A server that did not run for 100 days.
  expect(limit([...everyDay(800, 200), ...everyDay(100, 0)], 150)).toBe(ago(200 + 150 - 100 - 7));
});

it('leaves out times after now, and expires nothing that was never written', () => {
  expect(limit([...everyDay(800, 0), NOW + 3_650 * DAY_MS], 400)).toBe(ago(400));
  expect(limit([], 400)).toBe(ago(400));
  expect(limit([ago(1_000)], 400)).toBeLessThan(ago(1_000));
  expect(limit(everyDay(3, 0), 0)).toBe(NOW);
});

it('is never later than the retention before now, and a jump of the clock costs at most seven days of the retention', () => {
  const days = fc.integer({ min: 0, max: 3_000 });
  const retention = fc.integer({ min: 35, max: 500 });
  fc.assert(
    fc.property(fc.array(days, { maxLength: 40 }), retention, days, (written, kept, ahead) => {
      const times = [NOW, ...written.map(ago)];
      expect(limit(times, kept)).toBeLessThanOrEqual(ago(kept));
      expect(limit(times, kept, NOW + ahead * DAY_MS)).toBeLessThanOrEqual(limit(times, kept - 7));
    }),
    { numRuns: runs(300) },
  );
});
