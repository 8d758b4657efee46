import { runs } from '../../effort';
import { byTurns } from '../../turn';

const ALL = [...Array(17).keys()];

test('turns take others each, and all of them in the end', () => {
  const count = runs(ALL.length, 1);
  const turns = Array.from({ length: Math.ceil(ALL.length / count) }, (_, turn) => byTurns(ALL, ALL.length, turn + 1));
  expect(new Set(turns.flat())).toEqual(new Set(ALL));
  expect(turns.every((each) => new Set(each).size === Math.min(count, ALL.length))).toBe(true);
});

test('a turn has something of every part of a long list', () => {
  const long = [...Array(1000).keys()];
  for (let turn = 0; turn < 40; turn += 1) {
    const parts = new Set(byTurns(long, 1000, turn).map((each) => Math.floor(each / 100)));
    expect(parts.size).toBe(10);
  }
});

test('nothing of nothing', () => {
  expect(byTurns([], 0, 3)).toEqual([]);
});
