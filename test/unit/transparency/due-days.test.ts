import { dayRecord, dueDays } from '../../../lambdas/core/transparency/due-days';

const NOW = Date.parse('2026-11-27T03:37:00.000Z');
const ALL = (records: readonly string[], retention = 20) =>
  dueDays(NOW, retention, records).map(({ day, age, owed }) => `${day} ${age}${owed ? ' owed' : ''}`);

/** The records of a reconciliation that ran every day for a month. */
const regular = (days = 40): string[] =>
  Array.from({ length: days }, (_, ago) => ago + 1).flatMap((ago) =>
    [2, 7, 12].map((age) =>
      dayRecord({ day: new Date(NOW - (ago + age) * 86_400_000).toISOString().slice(0, 10), age }),
    ),
  );

test('where it ran every day, the days of the ages are due', () => {
  expect(ALL(regular())).toEqual(['2026-11-25 2', '2026-11-20 7', '2026-11-15 12']);
});

test('they are due again on the same day: a record keeps nothing from being read that is due by its age', () => {
  const today = ['2026-11-25/02', '2026-11-20/07', '2026-11-15/12'].map((path) => `reconciled/days/${path}`);
  expect(ALL([...regular(), ...today])).toEqual(['2026-11-25 2', '2026-11-20 7', '2026-11-15 12']);
});

test('at first every day is due that is kept, at the greatest age that it has reached', () => {
  const due = ALL([]);
  expect(due).toHaveLength(19);
  expect(due.slice(0, 7)).toEqual([
    '2026-11-25 2',
    '2026-11-24 2 owed',
    '2026-11-23 2 owed',
    '2026-11-22 2 owed',
    '2026-11-21 2 owed',
    '2026-11-20 7',
    '2026-11-19 7 owed',
  ]);
  expect(due.at(-1)).toBe('2026-11-07 12 owed');
});

test('after a pause, what would have been read in it is due', () => {
  // It did not run on the 24th, 25th and 26th.
  const missed = (path: string): boolean =>
    [24, 25, 26].some((day) =>
      [2, 7, 12].some((age) => path === dayRecord({ day: `2026-11-${String(day - age).padStart(2, '0')}`, age })),
    );
  expect(ALL(regular().filter((path) => !missed(path)))).toEqual([
    '2026-11-25 2',
    '2026-11-24 2 owed',
    '2026-11-23 2 owed',
    '2026-11-22 2 owed',
    '2026-11-20 7',
    '2026-11-19 7 owed',
    '2026-11-18 7 owed',
    '2026-11-17 7 owed',
    '2026-11-15 12',
    '2026-11-14 12 owed',
    '2026-11-13 12 owed',
    '2026-11-12 12 owed',
  ]);
});

test('a reading at a greater age stands for the earlier ones, and one at a smaller age for none', () => {
  expect(ALL([dayRecord({ day: '2026-11-24', age: 7 })])).not.toContain('2026-11-24 2 owed');
  expect(ALL([dayRecord({ day: '2026-11-19', age: 2 })])).toContain('2026-11-19 7 owed');
});

test('other objects are no records', () => {
  expect(ALL(['reconciled/days/2026-11-24', 'reconciled/days/2026-11-24/99/x', 'x'])).toEqual(ALL([]));
});
