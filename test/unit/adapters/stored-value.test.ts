import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { fromItem, NotJson, toAttribute, toItem } from '../../../lambdas/adapters/aws/dynamodb/stored-value';
import { canonicalJson } from '../../../lambdas/core/crypto/canonical-json';
import { verifyKeyset, newKeyset } from '../../../lambdas/core/keysets/dek-keyset';
import { CountingRandomness } from '../../vectors/counting-randomness';
import { keksOf } from '../crypto/test-keys';
import { thrownBy } from '../crypto/thrown-by';

/** As the SDK gives an item: what JSON.parse makes of the reply, a member `__proto__` its own. */
const item = (json: string): Record<string, AttributeValue> => JSON.parse(json) as Record<string, AttributeValue>;

const keks = keksOf(9);
const keyset = newKeyset('openai', keks.primary, 0, new CountingRandomness());

test('every JSON comes back as it was, whatever its members are called', () => {
  const name = fc.oneof(fc.string(), fc.constantFrom('constructor', 'toString', 'hasOwnProperty', 'S', 'M', 'N'));
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(null, true, false, 0, 1.5, 1e21, 2 ** 60, 1e-7, '', 'a', '\u{1f600}'),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(
        name.filter((text) => text !== '__proto__' && text.isWellFormed()),
        tie('value'),
        { maxKeys: 3 },
      ),
    ),
  }));
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), value), (record) => {
      expect(fromItem(toItem(record))).toEqual(record);
    }),
  );
});

test('a number keeps its value or is none, in all of DynamoDB’s spellings', () => {
  const read = (digits: string): unknown => (fromItem({ n: { N: digits } }) as { n: unknown }).n;
  expect(['1', '0.1', '1.50', '1000000000000000000000', '1E+21', '-7', '9007199254740992'].map(read)).toEqual([
    1, 0.1, 1.5, 1e21, 1e21, -7, 9007199254740992,
  ]);
  for (const digits of ['9007199254740993', '12345678901234567890', '0.1000000000000000055511151231257827']) {
    expect(read(digits)).toBeInstanceOf(NotJson);
    expect(toAttribute(read(digits))).toEqual({ N: digits });
  }
});

test.each<[string, Record<string, AttributeValue>]>([
  ['a set', { x: { SS: ['a'] } }],
  ['binary', { x: { B: Uint8Array.of(1) } }],
  ['a type that does not exist', item('{"x":{"FOO":1}}')],
  ['nothing', item('{"x":{}}')],
  ['half a character', { x: { S: '\ud800' } }],
  ['a map with __proto__', item('{"x":{"M":{"__proto__":{"S":"y"}}}}')],
  ['__proto__ in a list', item('{"x":{"L":[{"M":{"__proto__":{"NULL":true}}}]}}')],
])('%s is no JSON, and is written again as it was', (_, stored) => {
  const read = fromItem(stored);
  expect(() => canonicalJson(read)).toThrow(RangeError);
  expect(JSON.stringify(toItem(read as object))).toBe(JSON.stringify(stored));
});

test.each([
  '{"NULL":true}',
  '{"S":"x"}',
  '{"N":"1"}',
  '{"BOOL":true}',
  '{"L":[]}',
  '{"M":{}}',
  '{"M":{"a":{"S":"x"}}}',
])('a keyset record with a member __proto__ of %s does not verify, at any depth', (value) => {
  const text = JSON.stringify(toItem(keyset));
  expect(verifyKeyset(fromItem(item(text)), 'openai', keks)).toEqual(keyset);
  const member = `"__proto__":${value},`;
  const places = Array.from(text.matchAll(/\{(?="(?:provider|1|state|enabled)")/g), ({ index }) => index + 1);
  expect(places).toHaveLength(4);
  for (const at of places) {
    const edited = item(text.slice(0, at) + member + text.slice(at));
    expect(thrownBy(() => verifyKeyset(fromItem(edited), 'openai', keks)).reason).toBe('keyset_damaged');
  }
  // As from a client that builds the item member by member.
  const inherited = Object.setPrototypeOf(item(text), JSON.parse(value) as object) as Record<string, AttributeValue>;
  expect(thrownBy(() => verifyKeyset(fromItem(inherited), 'openai', keks)).reason).toBe('keyset_damaged');
});

test('what is no JSON cannot be stored; what is undefined is left out', () => {
  expect(toItem({ a: undefined, b: 1 })).toEqual({ b: { N: '1' } });
  for (const value of [NaN, Infinity, undefined, () => 1, 1n, Symbol('x')]) {
    expect(() => toAttribute(value)).toThrow(TypeError);
  }
});
