import { nearestNames } from '../../../lambdas/core/contract/nearest-name';

const NAMES = ['plaintext', 'context', 'limit', 'cursor', 'to', 'from'];

test.each([
  ['context', ['context']],
  ['Context', ['context']],
  ['contxt', ['context']],
  ['contextt', ['context']],
  ['conetxt', ['context']],
  ['cotnetx', ['context']],
  ['plain', ['plaintext']],
  ['curser', ['cursor']],
  ['form', ['from']],
  ['ot', ['to']],
  ['t', ['to']],
  ['', []],
  ['li', []],
  ['ciphertext', []],
  ['__proto__', []],
  ['sk-example-not-a-real-key', []],
  ['x'.repeat(100_000), []],
])('%.30s is like %j', (given, names) => {
  expect(nearestNames(given, NAMES)).toEqual(names);
});

test.each([
  ['keyVersion', ['key_version']],
  ['key-version', ['key_version']],
  ['KEY.VERSION', ['key_version']],
  ['keyversions', ['key_version']],
  ['version', ['key_version']],
  ['Type', ['event_type']],
  ['key', ['key_version']],
  ['vers', []],
  ['_', []],
])('%s is like %j, whatever stands between words', (given, names) => {
  expect(nearestNames(given, ['event_type', 'key_version', 'user_id'])).toEqual(names);
});

test('the nearest alone, in their order, at most three', () => {
  expect(nearestNames('from_', ['form', 'from', 'frog'])).toEqual(['from']);
  expect(nearestNames('cat', ['bat', 'rat', 'hat', 'mat'])).toEqual(['bat', 'rat', 'hat']);
  expect(nearestNames('rot', ['rotation', 'rotate'])).toEqual(['rotation', 'rotate']);
  expect(nearestNames('context', [])).toEqual([]);
});
