import { nextSegment, ownSegments, parseSegmentFile } from '../../../../local/journal/segment-name';

const NOON = Date.UTC(2026, 10, 27, 12, 30);

it.each([
  [undefined, { hour: '2026-11-27T12', part: 1 }],
  [
    { hour: '2026-11-27T11', part: 7 },
    { hour: '2026-11-27T12', part: 1 },
  ],
  [
    { hour: '2026-11-27T12', part: 7 },
    { hour: '2026-11-27T12', part: 8 },
  ],
  [
    { hour: '2026-12-01T00', part: 1 },
    { hour: '2026-12-01T00', part: 2 },
  ],
  [
    { hour: '2026-12-31T23', part: 99_999 },
    { hour: '2027-01-01T00', part: 1 },
  ],
])('after %j comes %j', (newest, next) => {
  expect(nextSegment(newest, NOON)).toEqual(next);
});

it('finds the segments of the journal’s own, oldest first', () => {
  const names = [
    '2026-11-27T12.00002.jsonl',
    'set-aside',
    '2026-11-27T12.00001.jsonl',
    '2026-11-27T12.00001.index',
    '2026-11-27T12.00000.jsonl',
    '2026-11-27T9.00001.jsonl',
    '2026-11-27T12.1.jsonl',
    'x2026-11-27T12.00001.jsonl',
  ];
  expect(ownSegments(names).map(({ segment }) => segment)).toEqual(['2026-11-27T12.00001', '2026-11-27T12.00002']);
  expect(parseSegmentFile('2026-11-27T12.00000.jsonl')?.part).toBe(0);
});
