import type { JsonValue } from '../../../lambdas/core/crypto/canonical-json';
import { mergePatch } from '../../../lambdas/core/crypto/merge-patch';

/** RFC 7396, appendix A: target, patch, result. */
const APPENDIX_A: readonly (readonly [JsonValue, JsonValue, JsonValue])[] = [
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'd'],
  ],
  [{ a: 'b' }, ['c'], ['c']],
  [{ a: 'foo' }, null, null],
  [{ a: 'foo' }, 'bar', 'bar'],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
];

test.each(APPENDIX_A)('%j patched with %j is %j', (target, patch, result) => {
  const before = structuredClone([target, patch]);
  expect(mergePatch(target, patch)).toStrictEqual(result);
  expect([target, patch]).toStrictEqual(before);
});

// Section 3's example.
test('a document keeps what the patch does not name, and a list is replaced whole', () => {
  const document = {
    title: 'Goodbye!',
    author: { givenName: 'John', familyName: 'Doe' },
    tags: ['example', 'sample'],
    content: 'This will be unchanged',
  };
  const patch = {
    title: 'Hello!',
    phoneNumber: '+01-123-456-7890',
    author: { familyName: null },
    tags: ['example'],
  };
  expect(mergePatch(document, patch)).toStrictEqual({
    title: 'Hello!',
    author: { givenName: 'John' },
    tags: ['example'],
    content: 'This will be unchanged',
    phoneNumber: '+01-123-456-7890',
  });
});

test('there may be nothing to patch; null in a list stays', () => {
  expect(mergePatch(undefined, { a: null, b: [null, { c: null }] })).toStrictEqual({ b: [null, { c: null }] });
});

test('names that objects inherit are names', () => {
  // As text, because Jest also reads a member called `constructor`.
  const patched = (target: JsonValue, patch: JsonValue) => JSON.stringify(mergePatch(target, patch));
  expect(patched({}, { constructor: { name: 'x' }, toString: null })).toBe('{"constructor":{"name":"x"}}');
  expect(patched({ a: 1 }, { hasOwnProperty: { a: null } })).toBe('{"a":1,"hasOwnProperty":{}}');
});

test('what is applied twice is what was applied once', () => {
  for (const [target, patch] of APPENDIX_A) {
    const once = mergePatch(target, patch);
    expect(mergePatch(once, patch)).toStrictEqual(once);
  }
});
