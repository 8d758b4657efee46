import fc from 'fast-check';
import { patchOfWords } from '../../../cli/commands/metadata-patch';
import { undoWords } from '../../../cli/commands/metadata-undo';
import { canonicalJson, type JsonValue } from '../../../lambdas/core/crypto/canonical-json';
import { mergePatch } from '../../../lambdas/core/crypto/merge-patch';
import { runs } from '../../effort';

const UNSET = '--unset=';
const applied = (after: JsonValue, words: readonly string[]): JsonValue =>
  mergePatch(
    after,
    patchOfWords(
      words.filter((word) => !word.startsWith(UNSET)),
      words.filter((word) => word.startsWith(UNSET)).map((word) => word.slice(UNSET.length)),
    ),
  );

test.each<[JsonValue, JsonValue, string[]]>([
  [{ team: 'b' }, { team: 'a' }, ['team=a']],
  [{ team: 'a', url: 'x' }, { team: 'a' }, ['--unset=url']],
  [{}, { count: 5, on: true, empty: '' }, ['count:=5', 'on:=true', 'empty=']],
  [{ o: { a: 1, b: 2 } }, { o: { a: 1, c: 3 } }, ['o:={"b":null,"c":3}']],
  [{ o: 'text' }, { o: { a: [1] } }, ['o:={"a":[1]}']],
])('%j was %j', (after, before, words) => {
  expect(undoWords(after, before)).toEqual(words);
  expect(applied(after, words)).toEqual(before);
});

test.each<[string, JsonValue, JsonValue]>([
  ['the same', { a: 1 }, { a: 1 }],
  ['a null, which a merge patch takes for a removal', {}, { a: null }],
  ['what no word can say', {}, { 'a=b': 'c' }],
  ['what would be taken for JSON', {}, { 'a:': '5' }],
  ['what would be taken for an option', {}, { '--yes': 'x' }],
  ['what looks like a key', {}, { a: 'sk-example-not-a-real-key' }],
  ['very much', {}, { a: 'x'.repeat(500) }],
  ['no metadata', {}, 'x'],
  ['metadata of nobody', null, {}],
])('of %s no undo command is named', (_, after, before) => {
  expect(undoWords(after, before)).toBeUndefined();
});

test('whatever is named leads back', () => {
  const metadata = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })) as fc.Arbitrary<Record<string, JsonValue>>;
  fc.assert(
    fc.property(metadata, metadata, (after, before) => {
      const words = undoWords(after, before);
      // JSON has one zero.
      if (words !== undefined) expect(canonicalJson(applied(after, words))).toBe(canonicalJson(before));
    }),
    { numRuns: runs(1_000) },
  );
});
