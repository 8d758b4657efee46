import fc from 'fast-check';
import { canonicalJson } from '../../../lambdas/core/crypto/canonical-json';

test('the example of RFC 8785 section 3.2.2', () => {
  const value: unknown = JSON.parse(
    String.raw`{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`,
  );
  expect(canonicalJson(value)).toBe(
    String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
  );
});

test('the sorting example of RFC 8785 section 3.2.3: by UTF-16 code units, not by code points', () => {
  const names = ['\u20ac', '\r', '\ufb33', '1', '\ud83d\ude00', '\u0080', '\u00f6'];
  const sorted = ['\r', '1', '\u0080', '\u00f6', '\u20ac', '\ud83d\ude00', '\ufb33'];
  const text = canonicalJson(Object.fromEntries(names.map((name) => [name, 0])));
  expect(text).toBe(`{${sorted.map((name) => `${JSON.stringify(name)}:0`).join(',')}}`);
});

test('names that are prefixes of each other and integer-like names sort as text', () => {
  expect(canonicalJson({ b: 1, aa: 2, a: 3, '10': 4, '9': 5, '': 6 })).toBe('{"":6,"10":4,"9":5,"a":3,"aa":2,"b":1}');
});

test.each([
  [0, '0'],
  [-0, '0'],
  [1e21, '1e+21'],
  [1e-7, '1e-7'],
  [9007199254740993, '9007199254740992'],
  [5e-324, '5e-324'],
])('writes the number %p as ECMAScript does', (value, text) => {
  expect(canonicalJson(value)).toBe(text);
});

test('parses back to the same value, in one spelling whatever the order of the members', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const wellFormed = JSON.stringify(value).isWellFormed() && !/\\ud[89a-f]/.test(JSON.stringify(value));
      fc.pre(wellFormed);
      const text = canonicalJson(value);
      expect(canonicalJson(JSON.parse(text))).toBe(text);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('a member that is undefined is left out', () => {
  expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}');
});

test('an object without a prototype and one of another realm are objects', () => {
  expect(canonicalJson(Object.assign(Object.create(null) as object, { a: 1 }))).toBe('{"a":1}');
  expect(canonicalJson(structuredClone({ a: [1] }))).toBe('{"a":[1]}');
});

const gap: unknown[] = [1, 2, 3];
// eslint-disable-next-line @typescript-eslint/no-array-delete
delete gap[1];

/** What the DynamoDB client makes of a row with an attribute `__proto__`: it assigns member by member. */
const withAssignedPrototype = Object.assign(Object.create({ smuggled: 1 }) as object, { a: 1 });

test.each([
  ['NaN', NaN],
  ['infinity', -Infinity],
  ['a lone surrogate', 'a\ud800'],
  ['a lone surrogate in a name', { '\udc00': 1 }],
  ['undefined', undefined],
  ['a gap in an array', gap],
  ['a bigint', 1n],
  ['a function', () => 1],
  ['a symbol', Symbol('a')],
  ['a Set, which would look like {}', new Set(['a'])],
  ['a Map', new Map([['a', 1]])],
  ['a Date', new Date(0)],
  ['bytes, which would look like {"0":1}', Uint8Array.of(1)],
  ['an instance of a class', new RangeError('a')],
  ['an object with inherited members', withAssignedPrototype],
])('refuses %s, at the top and inside', (_what, value) => {
  expect(() => canonicalJson(value)).toThrow(RangeError);
  expect(() => canonicalJson({ a: [{ b: [value] }] })).toThrow(RangeError);
});

test('an error does not say what was refused', () => {
  for (const value of ['canary\ud800', { 'canary\ud800': 1 }, new Set(['canary']), [Symbol('canary')]]) {
    let message = '';
    try {
      canonicalJson(value);
    } catch (thrown) {
      message = String(thrown);
    }
    expect(message).toMatch(/^RangeError: /);
    expect(message).not.toContain('canary');
  }
});
