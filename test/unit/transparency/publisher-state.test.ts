import { planRange } from '../../../lambdas/core/transparency/decide-range';
import { formatPublisherState, parsePublisherState } from '../../../lambdas/core/transparency/publisher-state';
import { naiveTree, someEntries } from './naive-tree';
import { HOUR_MS, publisherWorld, START } from './publisher-world';

const naive = naiveTree(someEntries(5));
const object = (hour: string, digit: string) => ({ hour, sha256: digit.repeat(64) });
const state = {
  range: 3,
  previous: naive.tree(2),
  tree: naive.tree(5),
  objects: [object('2026-11-27T10', 'a'), object('2026-11-27T11', 'b')],
  from: '2026-11-27T09',
  used: [object('2026-11-27T10', 'a')],
};
const written = formatPublisherState(state).toString('utf8');

test('is read as it was written', () => {
  expect(parsePublisherState(Buffer.from(written))).toEqual({ value: state });
});

test.each([
  ['nothing', ''],
  ['no JSON', 'x'],
  ['a list', '[]'],
  ['another schema', written.replace('"schema":1', '"schema":2')],
  ['a range of 0', written.replace('"range":3', '"range":0')],
  ['a hour that is none', written.replace('"from":"2026-11-27T09"', '"from":"2026-11-27"')],
  ['no hour', written.replace('"from":"2026-11-27T09"', '"from":9')],
  ['no tree', written.replace('"tree"', '"tre"')],
  ['no tree before', written.replace('"previous"', '"prev"')],
  ['a size below 0', written.replace('"size":5', '"size":-1')],
  ['a root that is none', written.replace('"root":"', '"root":"A')],
  ['a root that is no text', written.replace(/"root":"[^"]*"/, '"root":1')],
  ['objects that are no list', written.replace('"objects":[', '"objects":{},"x":[')],
  ['an object that is no text', written.replace('"objects":[', '"objects":[1,')],
  ['an object with a path', written.replace('T10/', 'T10/../')],
  ['a used object that is none', written.replace('"used":["2026', '"used":["26')],
])('refuses %s', (_, text) => {
  expect(text).not.toBe(written);
  expect(parsePublisherState(Buffer.from(text))).toEqual({ fault: 'state_form' });
});

test('refuses what is not UTF-8', () => {
  expect(parsePublisherState(Buffer.of(0xff))).toEqual({ fault: 'state_form' });
});

test('an hour that was closed stays closed when the clock goes back', async () => {
  const world = publisherWorld();
  world.archiveLines(['x']);
  const { archive } = world.publisher();
  const closed = { ...state, from: '2026-11-27T10', used: [] };
  const plan = await planRange(archive, closed, { now: START - 9 * HOUR_MS, maxObjects: 10 });
  expect(plan?.from).toBe('2026-11-27T10');
  // And the newest hour stays open, however far ahead the clock is.
  const first = await planRange(archive, undefined, { now: START + 9 * HOUR_MS, maxObjects: 10 });
  expect(first?.objects).toHaveLength(1);
  expect(first?.used).toEqual(first?.objects);
});

test('hand-overs that are none are refused', () => {
  const good = { schema: 1, range: 1, objects: [], used: [], from: '2026-11-27T10' };
  const tree = { size: 0, root: Buffer.alloc(32).toString('base64') };
  const parse = (hand_over: unknown) =>
    parsePublisherState(Buffer.from(JSON.stringify({ ...good, previous: tree, tree, hand_over })));
  for (const given of ['x', [7], ['keyward/key-hand-over/v1 a b']]) expect(parse(given).fault).toBe('state_form');
  expect(parse([]).value?.handOver).toBeUndefined();
});
