import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { canonicalJson } from '../../../lambdas/core/crypto/canonical-json';
import {
  MAX_JSON_DEPTH,
  parseStrictJson,
  readKeptJson,
  readStrictJson,
} from '../../../lambdas/core/crypto/strict-json';
import { runs } from '../../effort';

/** JSON text, which has more than a parsed value: members in order, names perhaps twice. */
type Written =
  | { kind: 'scalar'; text: string; isExact: boolean }
  | { kind: 'string'; value: string; escape: boolean }
  | { kind: 'array'; items: Written[] }
  | { kind: 'object'; members: { name: string; escape: boolean; value: Written }[] };

const name = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('a', 'b', 'c', '"', '\\', 'é', '😀', '', 'u', '\\u0061') },
  { weight: 4, arbitrary: fc.string({ unit: 'grapheme', maxLength: 8 }) },
  { weight: 1, arbitrary: fc.constantFrom('__proto__', 'constructor', 'toString', '\ud800', 'x\udc00') },
);

const { written } = fc.letrec<{ written: Written }>((tie) => ({
  written: fc.oneof(
    { maxDepth: 10, depthSize: 'large', withCrossShrink: true },
    fc.record({
      kind: fc.constant('scalar' as const),
      text: fc.constantFrom('0', '-1.5e3', 'true', 'null', '1e21'),
      isExact: fc.constant(true),
    }),
    fc.record({
      kind: fc.constant('scalar' as const),
      text: fc.constantFrom('1e400', '-12345678901234567890', '1E-400'),
      isExact: fc.constant(false),
    }),
    fc.record({ kind: fc.constant('string' as const), value: name, escape: fc.boolean() }),
    fc.record({ kind: fc.constant('array' as const), items: fc.array(tie('written'), { maxLength: 3 }) }),
    fc.record({
      kind: fc.constant('object' as const),
      members: fc.array(fc.record({ name, escape: fc.boolean(), value: tie('written') }), { maxLength: 4 }),
    }),
  ),
}));

/** Every code unit as an escape, or as JSON.stringify would write it but with lone surrogates left bare. */
const quote = (text: string, escape: boolean): string =>
  escape
    ? `"${text.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`
    : JSON.stringify(text).replace(/\\u(d[89a-f][0-9a-f]{2})/g, (_, hex: string) =>
        String.fromCharCode(parseInt(hex, 16)),
      );

function print(node: Written): string {
  if (node.kind === 'scalar') return node.text;
  if (node.kind === 'string') return quote(node.value, node.escape);
  if (node.kind === 'array') return `[ ${node.items.map(print).join(' ,\t')}]`;
  const members = node.members.map((member) => `${quote(member.name, member.escape)} \n: ${print(member.value)}`);
  return `{${members.join(',')} }`;
}

function isRefused(node: Written, depth = 1): boolean {
  if (node.kind === 'scalar') return !node.isExact;
  if (node.kind === 'string') return !node.value.isWellFormed();
  if (depth > MAX_JSON_DEPTH) return true;
  if (node.kind === 'array') return node.items.some((item) => isRefused(item, depth + 1));
  const names = node.members.map((member) => member.name);
  return (
    new Set(names).size < names.length ||
    names.some((text) => text === '__proto__' || !text.isWellFormed()) ||
    node.members.some((member) => isRefused(member.value, depth + 1))
  );
}

const refusalOf = (text: string): string | undefined => {
  const reading = readStrictJson(text);
  expect(parseStrictJson(text) === undefined).toBe('fault' in reading);
  return 'fault' in reading ? reading.fault : undefined;
};

describe('readStrictJson', () => {
  it('takes what JSON.parse takes, with its result, but for the listed refusals', () => {
    const seen = { taken: 0, refused: 0 };
    fc.assert(
      fc.property(written, (node) => {
        const text = print(node);
        if (isRefused(node)) {
          seen.refused++;
          expect(refusalOf(text)).toBeDefined();
        } else {
          seen.taken++;
          expect(isDeepStrictEqual(parseStrictJson(text), JSON.parse(text))).toBe(true);
          expect(parseStrictJson(canonicalJson(parseStrictJson(text)))).toEqual(parseStrictJson(text));
        }
      }),
      { numRuns: runs(3000) },
    );
    expect(seen.taken).toBeGreaterThan(runs(3000) / 30);
    expect(seen.refused).toBeGreaterThan(runs(3000) / 30);
  });

  it('refuses whatever JSON.parse refuses, and takes whatever it writes', () => {
    const damaged = fc
      .tuple(fc.json({ maxDepth: 3 }), fc.nat(), fc.string({ unit: 'binary', maxLength: 2 }))
      .map(([text, at, insert]) => text.slice(0, at % (text.length + 1)) + insert + text.slice(at % (text.length + 1)));
    fc.assert(
      fc.property(fc.oneof(damaged, fc.string()), (text) => {
        let valid = true;
        try {
          JSON.parse(text);
        } catch {
          valid = false;
        }
        if (!valid) expect(refusalOf(text)).toBeDefined();
      }),
      { numRuns: runs(3000) },
    );
  });

  it.each([
    ['{"a":1,"a":2}', 'the JSON has a member name twice in one object'],
    ['{"a":1,"\\u0061":2}', 'the JSON has a member name twice in one object'],
    ['{"a":{"b":1},"c":[{"b":1,"b":2}]}', 'the JSON has a member name twice in one object'],
    ['{"__proto__":1}', 'the JSON has a member named __proto__'],
    ['[{"\\u005f_proto__" : {}}]', 'the JSON has a member named __proto__'],
    ['"\\ud800"', 'the JSON has text that is not well-formed Unicode'],
    ['"\\uDC00\\uD800"', 'the JSON has text that is not well-formed Unicode'],
    ['{"\\ud800":1}', 'the JSON has text that is not well-formed Unicode'],
    ['"\ud800"', 'the JSON has text that is not well-formed Unicode'],
    ['"\ud800\\udc00"', 'the JSON has text that is not well-formed Unicode'],
    ['\ufeff{}', 'the JSON begins with a byte order mark'],
    ['[[[[[[[[[]]]]]]]]]', 'the JSON has more than 8 levels'],
    ['[{"a":[{"a":[{"a":[{"a":{}}]}]}]}]', 'the JSON has more than 8 levels'],
    ['', 'the text is not JSON'],
    ["{'a':1}", 'the text is not JSON'],
    ['{"a":1,}', 'the text is not JSON'],
    ['{} {}', 'the text is not JSON'],
    ['[NaN]', 'the text is not JSON'],
    ['[01]', 'the text is not JSON'],
    ['12345678901234567890', 'the JSON has a number that cannot be kept exactly'],
    ['{"a":[1e400]}', 'the JSON has a number that cannot be kept exactly'],
    ['{"a":-1e999}', 'the JSON has a number that cannot be kept exactly'],
    ['{"a":1e-400,"b":1}', 'the JSON has a number that cannot be kept exactly'],
    ['[0.1000000000000000055511151231257827]', 'the JSON has a number that cannot be kept exactly'],
    ['[9007199254740993]', 'the JSON has a number that cannot be kept exactly'],
  ])('refuses %j: %s', (text, message) => {
    expect(refusalOf(text)).toBe(message);
  });

  it.each([
    '[[[[[[[[]]]]]]]]',
    '[{},{"a":1},{"a":1}]',
    '{"a":"a","b":["a","a"],"c":"{[__proto__]}","d":"\\\\","e":"\\"","f":"\\ud83d\\ude00"}',
    '"__proto__"',
    '{"constructor":1,"toString":2}',
    ' 12 ',
    '[-0,-0.0,0e99999999999,0.1,1.50,1e21,1E+2,1.7976931348623157e308,5e-324,9007199254740992,1230000000000000000000]',
    '{"12345678901234567890":"1e400"}',
  ])('takes %j', (text) => {
    expect(isDeepStrictEqual(parseStrictJson(text), JSON.parse(text))).toBe(true);
  });
});

describe('readKeptJson', () => {
  it.each([
    ['more levels', `${'['.repeat(MAX_JSON_DEPTH + 1)}${']'.repeat(MAX_JSON_DEPTH + 1)}`],
    ['numbers that no double holds', '{"a":1e400,"b":12345678901234567890}'],
    ['a member __proto__', '{"__proto__":{"a":1}}'],
  ])('takes %s, which what is read must not have', (_what, text) => {
    expect(readStrictJson(text)).toHaveProperty('fault');
    expect(readKeptJson(text)).toStrictEqual({ value: JSON.parse(text) as unknown });
  });

  it.each([
    ['a name twice', '{"a":{"b":1,"\\u0062":2}}'],
    ['a lone surrogate', '["\\udfff"]'],
    ['a lone surrogate, spelled out', '["\udfff"]'],
    ['a byte order mark', '\ufeff{}'],
    ['no JSON', '{"a":1,}'],
  ])('refuses %s as what is read does', (_what, text) => {
    expect(readKeptJson(text)).toStrictEqual(readStrictJson(text));
    expect(readKeptJson(text)).toHaveProperty('fault');
  });
});
