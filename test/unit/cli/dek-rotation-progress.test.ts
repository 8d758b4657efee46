import { SETTLE_MS } from '../../../lambdas/core/contract/protocol-times';
import { durationText, dekRotationProgress } from '../../../cli/commands/dek-rotation-progress';
import { readDekRotation } from '../../../cli/commands/dek-rotation-view';
import { dekRotationReply } from '../../doubles/cli-stage';

const stateOf = (...[members]: Parameters<typeof dekRotationReply>) =>
  dekRotationProgress(readDekRotation(dekRotationReply(members)), 24_000);
const rekeying = {
  status: 'rekeying',
  counts: { total: 10_000, moved: 4_000, skipped: 190, failed: 10, shards_verified: 3 },
  moved_per_second: 412.5,
  estimated_seconds_left: 135,
};

test('publishing names the regions that it waits for', () => {
  const regions = [
    { region: 'us-east-1', proved_at: '2026-11-21T00:00:01.000Z', acknowledged_at: null },
    { region: 'eu-west-1', proved_at: null, acknowledged_at: null },
  ];
  const state = stateOf({ regions });
  expect(state.detail).toBe('proved by 1 of 2 regions, waiting for eu-west-1');
  expect(state.bar(120)).toBe('openai v2 publishing  24 s  proved by 1 of 2 regions  waiting for eu-west-1');
  expect(stateOf({ regions: regions.slice(0, 1) }).detail).toBe('proved by 1 of 1 regions, promotion is next');
});

test('rekeying tells how much, how fast and how long', () => {
  const state = stateOf(rekeying);
  expect(state.detail).toBe(
    '4,200 of 10,000 values, 412.5/s, about 2 min 15 s left, 3 of 16 shards verified, 10 do not decrypt',
  );
  expect(state.bar(200)).toContain('[######..................] 25%  4,200 of 10,000 values  412.5/s  about 2 min');
  const counts = { total: 10, moved: 5 };
  expect(stateOf({ ...rekeying, estimated_seconds_left: 0, moved_per_second: null, counts }).detail).toBe(
    '5 of 10 values, 0 of 16 shards verified',
  );
});

describe('the verification counts', () => {
  const percent = (counts: object, more: object = {}): number =>
    Number(/([0-9]+)%/.exec(stateOf({ ...rekeying, counts: { ...counts }, ...more }).bar(200))?.[1]);
  const half = SETTLE_MS / 2000;

  test('once all is moved what is left of its wait is told first, on 80 columns from its beginning on', () => {
    const counts = { total: 5, moved: 5 };
    const state = stateOf({ ...rekeying, counts, estimated_seconds_left: half });
    expect(state.detail).toBe('about 1 min 0 s left, 0 of 16 shards verified, 5 of 5 values');
    expect(state.bar(80)).toBe('openai v2 rekeying  [###...] 62%  about 1 min 0 s left  0 of 16 shards verified');
    expect(state.bar(60)).toBe('openai v2 rekeying  [###...] 62%  about 1 min 0 s left');
    const begun = stateOf({ ...rekeying, counts, estimated_seconds_left: SETTLE_MS / 1000 - 2 });
    expect(begun.bar(79)).toContain('about 1 min 58 s left');
    expect(state.bar(40)).toBe('openai v2 rekeying  [###...] 62%');
  });

  test.each([
    [{ total: 300, moved: 150 }, null, 25],
    // No waiting while credentials move.
    [{ total: 300, moved: 299 }, half, 49],
    [{ total: 300, moved: 300 }, SETTLE_MS, 50],
    [{ total: 300, moved: 300 }, SETTLE_MS / 1000, 50],
    [{ total: 300, moved: 300 }, half, 62],
    [{ total: 300, moved: 300 }, null, 75],
    [{ total: 300, moved: 290, skipped: 9, failed: 1, shards_verified: 8 }, null, 87],
    [{ total: 300, moved: 300, shards_verified: 15 }, null, 98],
    // Its end is not recorded yet.
    [{ total: 300, moved: 300, shards_verified: 16 }, null, 99],
    // A credential found again in a second pass counts once.
    [{ total: 10, moved: 12 }, null, 75],
    // Four shards at a time: the others have not reported their size.
    [{ total: 75, moved: 75, shards_begun: 4 }, half, 12],
    [{ total: 0, shards_begun: 0 }, half, 0],
    [{ total: 0, shards_begun: 8 }, half, 25],
    [{ total: 0, shards_verified: 4 }, null, 81],
    // An older service does not report how many have begun.
    [{ total: 300, moved: 300, shards_begun: undefined, shards_verified: 4 }, null, 81],
  ])('%j, %p seconds left: %d %', (counts, left, expected) => {
    expect(percent(counts, { estimated_seconds_left: left })).toBe(expected);
  });

  test('it is all when the rotation has ended', () => {
    const ended = { ended_at: '2026-11-21T01:00:00.000Z', status: 'completed', estimated_seconds_left: null };
    expect(percent({ total: 300, moved: 300, shards_verified: 16 }, ended)).toBe(100);
  });

  test('it never goes back while shards begin, are moved and are verified', () => {
    const course = [
      percent({ shards_begun: 0 }, { estimated_seconds_left: 120 }),
      percent({ shards_begun: 4, total: 40, moved: 10 }, { estimated_seconds_left: 115 }),
      percent({ shards_begun: 4, total: 40, moved: 40 }, { estimated_seconds_left: 110 }),
      percent({ shards_begun: 16, total: 160, moved: 150 }, { estimated_seconds_left: 100 }),
      percent({ shards_begun: 16, total: 160, moved: 160 }, { estimated_seconds_left: 90 }),
      percent({ shards_begun: 16, total: 160, moved: 160 }, { estimated_seconds_left: 1 }),
      percent({ shards_begun: 16, total: 160, moved: 160 }, { estimated_seconds_left: null }),
      percent({ shards_begun: 16, total: 160, moved: 161, shards_verified: 16 }, { estimated_seconds_left: null }),
    ];
    expect(course).toEqual([...course].sort((a, b) => a - b));
  });
});

test('every width gets as much as fits, never more, and the most important part longest', () => {
  const bar = stateOf(rekeying).bar;
  for (let columns = 0; columns <= 160; columns += 1) expect(bar(columns).length).toBeLessThanOrEqual(columns);
  expect(bar(80)).toBe('openai v2 rekeying  [#.....] 25%  4,200 of 10,000 values  412.5/s');
  expect(bar(40)).toBe('openai v2 rekeying  [#.....] 25%');
  expect(bar(20)).toBe('openai v2 rekeying');
  expect(bar(9)).toBe('openai v2');
});

test('nothing that the service says controls the terminal', () => {
  const regions = [{ region: 'a\u001b[2J\nb', proved_at: null, acknowledged_at: null }];
  const state = stateOf({ status: 'publishing', provider: 'o\u009b1m', regions });
  expect(`${state.bar(200)}${state.detail}`).not.toMatch(/[\p{Cc}]/u);
});

test('a milestone is what happens, not how far it is', () => {
  const milestone = (...[members]: Parameters<typeof dekRotationReply>): string => stateOf(members).milestone;
  const base = milestone(rekeying);
  expect(milestone({ ...rekeying, counts: { ...rekeying.counts, moved: 5_000, failed: 11 } })).toBe(base);
  expect(milestone({ ...rekeying, counts: { ...rekeying.counts, shards_verified: 4 } })).not.toBe(base);
  expect(milestone({ ...rekeying, counts: { ...rekeying.counts, failed: 0 } })).not.toBe(base);
  expect(milestone({ ...rekeying, status: 'completed' })).not.toBe(base);
});

test.each([
  [0.4, '0 s'],
  [59.6, '1 min 0 s'],
  [3_599, '59 min 59 s'],
  [7_320, '2 h 2 min'],
])('%d seconds are %s', (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});
