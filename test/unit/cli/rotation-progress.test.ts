import { durationText, rotationProgress } from '../../../cli/commands/rotation-progress';
import { readRotation } from '../../../cli/commands/rotation-view';
import { rotationReply } from '../../doubles/cli-stage';

const stateOf = (...[members]: Parameters<typeof rotationReply>) =>
  rotationProgress(readRotation(rotationReply(members)), 24_000);
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
    '4,200 of 10,000 credentials, 412.5/s, about 2 min 15 s left, 3 of 16 shards verified, 10 do not decrypt',
  );
  expect(state.bar(200)).toContain('[##########..............] 42%  4,200 of 10,000 credentials  412.5/s  about 2 min');
  expect(stateOf({ ...rekeying, estimated_seconds_left: 0, moved_per_second: null, counts: {} }).detail).toBe(
    '0 of 0 credentials, 0 of 16 shards verified',
  );
});

test('the rate is told while there is something to move', () => {
  const counts = { total: 5, moved: 5 };
  expect(stateOf({ ...rekeying, counts, estimated_seconds_left: 0 }).detail).toBe(
    '5 of 5 credentials, 0 of 16 shards verified',
  );
});

test('what is moved in a second pass too is no more than all', () => {
  const state = stateOf({ status: 'rekeying', counts: { total: 10, moved: 12 } });
  expect(state.detail).toMatch(/^10 of 10 /);
  expect(state.bar(100)).toContain(' 100%');
});

test('every width gets as much as fits, never more, and the most important part longest', () => {
  const bar = stateOf(rekeying).bar;
  for (let columns = 0; columns <= 160; columns += 1) expect(bar(columns).length).toBeLessThanOrEqual(columns);
  expect(bar(80)).toBe('openai v2 rekeying  [##....] 42%  4,200 of 10,000 credentials  412.5/s');
  expect(bar(40)).toBe('openai v2 rekeying  [##....] 42%');
  expect(bar(20)).toBe('openai v2 rekeying');
  expect(bar(9)).toBe('openai v2');
});

test('nothing that the service says controls the terminal', () => {
  const regions = [{ region: 'a\u001b[2J\nb', proved_at: null, acknowledged_at: null }];
  const state = stateOf({ status: 'publishing', provider: 'o\u009b1m', regions });
  expect(`${state.bar(200)}${state.detail}`).not.toMatch(/[\p{Cc}]/u);
});

test('a milestone is what happens, not how far it is', () => {
  const milestone = (...[members]: Parameters<typeof rotationReply>): string => stateOf(members).milestone;
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
