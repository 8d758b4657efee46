import { matchesPattern } from './event-pattern';

test.each([
  [{ a: ['x'] }, { a: 'x' }, true],
  [{ a: ['x'] }, { a: 'y' }, false],
  [{ a: ['x'], b: ['y'] }, { a: 'x' }, false],
  [{ a: ['x', 'y'] }, { a: ['z', 'y'] }, true],
  [{ a: { b: ['x'] } }, { a: [{ b: 'y' }, { b: 'x' }] }, true],
  [{ a: { b: ['x'] } }, { a: null }, false],
  [{ a: [{ prefix: 'ke' }] }, { a: 'key' }, true],
  [{ a: [{ suffix: 'ey' }] }, { a: 'key' }, true],
  [{ a: [{ wildcard: '*:f:k-*' }] }, { a: 'x:f:k-1' }, true],
  [{ a: [{ wildcard: '*:f:k-*' }] }, { a: 'k-1' }, false],
  [{ a: [{ 'anything-but': 'x' }] }, { a: 'y' }, true],
  [{ a: [{ 'anything-but': ['x', 'y'] }] }, { a: 'y' }, false],
  [{ a: [{ 'anything-but': { suffix: '.com' } }] }, { a: 'z.com' }, false],
  [{ a: [{ 'anything-but': 'x' }] }, {}, false],
  [{ a: { b: [{ exists: false }] } }, {}, true],
  [{ a: { b: [{ exists: false }] } }, { a: { b: {} } }, true],
  [{ a: { b: [{ exists: false }, { 'anything-but': 'x' }] } }, { a: { b: 'x' } }, false],
  [{ c: ['1'], $or: [{ a: ['x'] }, { b: ['y'] }] }, { c: '1', b: 'y' }, true],
  [{ c: ['1'], $or: [{ a: ['x'] }, { b: ['y'] }] }, { c: '1' }, false],
])('%j against %j: %s', (pattern, event, expected) => {
  expect(matchesPattern(pattern, event)).toBe(expected);
});

test('an operator that is not known is an error, not a match', () => {
  expect(() => matchesPattern({ a: [{ cidr: '10.0.0.0/24' }] }, { a: 'x' })).toThrow('unknown operator cidr');
});
