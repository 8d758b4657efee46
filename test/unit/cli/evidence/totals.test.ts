import { Totals } from '../../../../cli/evidence/totals';

test('names beyond the bound are counted together, and those within it go on', () => {
  const totals = new Totals(2);
  totals.add('a', 'access', '2026-11-03T00:00:00.000Z');
  totals.add('b', 'failure', '2026-11-02T00:00:00.000Z', 7);
  totals.add('c', 'access', '2026-11-02T00:00:00.000Z');
  totals.add('d', 'change', '2026-11-01T00:00:00.000Z');
  totals.add('a', 'access', '2026-11-01T00:00:00.000Z');
  expect(totals.sorted()).toEqual([
    [
      'b',
      {
        access: 0,
        change: 0,
        read: 0,
        failure: 7,
        first_at: '2026-11-02T00:00:00.000Z',
        last_at: '2026-11-02T00:00:00.000Z',
      },
    ],
    [
      'a',
      {
        access: 2,
        change: 0,
        read: 0,
        failure: 0,
        first_at: '2026-11-01T00:00:00.000Z',
        last_at: '2026-11-03T00:00:00.000Z',
      },
    ],
  ]);
  expect(totals.others).toEqual({
    access: 1,
    change: 1,
    read: 0,
    failure: 0,
    first_at: '2026-11-01T00:00:00.000Z',
    last_at: '2026-11-02T00:00:00.000Z',
  });
});
