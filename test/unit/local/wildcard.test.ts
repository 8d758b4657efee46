import fc from 'fast-check';
import { matchesWildcard } from '../../../local/gateway/wildcard';
import { runs } from '../../effort';

test.each([
  ['', '', true],
  ['', 'a', false],
  ['*', '', true],
  ['*', 'a/b:c', true],
  ['?', 'a', true],
  ['?', '', false],
  ['a?c', 'abc', true],
  ['a?c', 'ac', false],
  ['a*c', 'ac', true],
  ['a*c', 'abcabc', true],
  ['a*c', 'abcab', false],
  ['*b*', 'abc', true],
  ['a**c', 'abc', true],
  ['abc', 'ABC', false],
  ['abc', 'abcd', false],
  ['a.c', 'abc', false],
  ['openai/*', 'openai/', true],
  ['openai/*', 'openai', false],
])('%j against %j: %j', (pattern, text, expected) => {
  expect(matchesWildcard(pattern, text)).toBe(expected);
});

test('says the same as the plainest definition', () => {
  const matches = (pattern: string, text: string): boolean => {
    if (pattern === '') return text === '';
    const rest = pattern.slice(1);
    if (pattern.startsWith('*')) return matches(rest, text) || (text !== '' && matches(pattern, text.slice(1)));
    return text !== '' && (pattern.startsWith('?') || pattern[0] === text[0]) && matches(rest, text.slice(1));
  };
  const few = (...characters: string[]) => fc.string({ unit: fc.constantFrom(...characters), maxLength: 8 });
  fc.assert(
    fc.property(few('a', 'b', '*', '?'), few('a', 'b'), (pattern, text) => {
      expect(matchesWildcard(pattern, text)).toBe(matches(pattern, text));
    }),
    { numRuns: runs(5000) },
  );
});

test('a pattern made to backtrack ends', () => {
  expect(matchesWildcard(`${'a*'.repeat(250)}b`, 'a'.repeat(16_000))).toBe(false);
});
