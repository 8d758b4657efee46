import fc from 'fast-check';
import {
  checkCallerContext,
  encodeContext,
  MAX_CONTEXT_NAME_BYTES,
  MAX_CONTEXT_PAIRS,
  MAX_CONTEXT_VALUE_BYTES,
  NO_PAIRS,
  type EncryptionContext,
} from '../../../lambdas/core/crypto/encryption-context';
import { runs } from '../../effort';
import { allThatIsSaidBy, thrownBy } from './thrown-by';

const hex = (context: EncryptionContext): string => encodeContext(context).toString('hex');
const text = fc.string({ unit: 'grapheme', maxLength: 8 });

test('an empty context is four zero bytes', () => {
  expect(hex({})).toBe('00000000');
  expect(encodeContext({})).toBe(NO_PAIRS);
});

test('one pair, byte by byte', () => {
  expect(hex({ tenant: 'é' })).toBe('00000001' + '00000006' + '74656e616e74' + '00000002' + 'c3a9');
});

test('the order in which pairs were given does not matter', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(text, text), { selector: ([name]) => name, maxLength: 16 }), (pairs) => {
      expect(hex(Object.fromEntries(pairs))).toBe(hex(Object.fromEntries([...pairs].reverse())));
    }),
  );
});

test('two contexts share an encoding only if they are the same', () => {
  fc.assert(
    fc.property(fc.dictionary(text, text, { maxKeys: 3 }), fc.dictionary(text, text, { maxKeys: 3 }), (a, b) => {
      const same =
        Object.keys(a).length === Object.keys(b).length &&
        Object.entries(a).every(([name, value]) => Object.hasOwn(b, name) && b[name] === value);
      expect(hex(a) === hex(b)).toBe(same);
    }),
    { numRuns: runs(500) },
  );
});

test.each<[string, EncryptionContext, EncryptionContext]>([
  ['a separator moved from value to name', { 'a=b|c': 'd' }, { 'a=b': 'c|d' }],
  ['a boundary between name and value', { ab: 'c' }, { a: 'bc' }],
  ['a boundary between pairs', { a: 'b', c: 'd' }, { a: 'bcd' }],
  ['an empty value and no pair', { a: '' }, {}],
  ['the case of a name', { A: '1' }, { a: '1' }],
  ['a long s and an s', { ſ: '1' }, { s: '1' }],
  ['a Kelvin sign and a K', { a: '\u212a' }, { a: 'K' }],
  ['composed and decomposed', { a: '\u00e9' }, { a: 'e\u0301' }],
  ['with and without a byte order mark', { a: '\ufeffb' }, { a: 'b' }],
  ['a NUL at the end', { a: 'b\0' }, { a: 'b' }],
  ['a lone surrogate’s replacement and nothing', { a: '\ufffd' }, { a: '' }],
])('contexts that differ in %s differ', (_what, a, b) => {
  expect(hex(a)).not.toBe(hex(b));
});

test('pairs are sorted by the bytes of their names, which is not the order of UTF-16', () => {
  const privateUse = '\uff5e';
  const beyondBmp = '\u{1f600}';
  expect([privateUse, beyondBmp].sort()).toEqual([beyondBmp, privateUse]);
  expect(Buffer.compare(Buffer.from(beyondBmp), Buffer.from(privateUse))).toBe(1);
  const encoded = encodeContext({ [beyondBmp]: '1', [privateUse]: '2', b: '3', ab: '4', a: '5' }).toString('latin1');
  const positions = ['a', 'ab', 'b', privateUse, beyondBmp].map((name) => {
    const bytes = Buffer.from(name);
    return encoded.indexOf(Buffer.concat([Buffer.of(0, 0, 0, bytes.length), bytes]).toString('latin1'), 4);
  });
  expect(positions).toEqual([...positions].sort((a, b) => a - b));
  expect(positions).not.toContain(-1);
});

test('integer-like names, which an object puts first, keep the order of their bytes', () => {
  expect(hex({ a: '', '10': '', '9': '' })).toBe(
    '00000003' + '00000002' + '3130' + '00000000' + '00000001' + '39' + '00000000' + '00000001' + '61' + '00000000',
  );
});

test('a member __proto__ is a pair like any other', () => {
  expect(hex(JSON.parse('{"__proto__":"a"}') as EncryptionContext)).not.toBe(hex({}));
});

test.each<[string, EncryptionContext]>([
  ['a name', { 'canary\ud800': 'a' }],
  ['a value', { a: 'canary\udfff' }],
  ['a pair in the wrong order', { a: '\udc00\ud800' }],
])('a lone surrogate in %s is refused, never replaced', (_what, context) => {
  expect(() => encodeContext(context)).toThrow(new RangeError('text is not well-formed Unicode'));
  const error = thrownBy(() => {
    checkCallerContext(context);
  });
  expect(error).toMatchObject({ code: 'invalid_request', message: 'context is not well-formed Unicode' });
  expect(allThatIsSaidBy(error)).not.toContain('canary');
});

const pairs = (count: number): EncryptionContext =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`n${index}`, 'v']));

test.each<[string, EncryptionContext]>([
  ['empty', {}],
  ['of as many pairs as may be', pairs(MAX_CONTEXT_PAIRS)],
  ['of the longest name in bytes', { ['é'.repeat(MAX_CONTEXT_NAME_BYTES / 2)]: '' }],
  ['of the longest value in bytes', { a: '€'.repeat(341) + 'x' }],
  ['of names that only look like ours', { Keyward: 'a', 'Keyward:provider': 'a', keyward: 'a', ' keyward:': 'a' }],
])('a caller’s context may be %s', (_what, context) => {
  expect(() => {
    checkCallerContext(context);
  }).not.toThrow();
});

test.each<[string, EncryptionContext, RegExp]>([
  ['too many pairs', pairs(MAX_CONTEXT_PAIRS + 1), /more than 16 pairs/],
  ['an empty name', { '': 'canary' }, /1 to 128 bytes/],
  ['a name a byte too long', { [`canary${'x'.repeat(MAX_CONTEXT_NAME_BYTES - 5)}`]: '' }, /1 to 128 bytes/],
  ['a name too long in bytes alone', { ['é'.repeat(65)]: '' }, /1 to 128 bytes/],
  ['a value a byte too long', { a: `canary${'x'.repeat(MAX_CONTEXT_VALUE_BYTES - 5)}` }, /at most 1024 bytes/],
  ['a reserved name', { 'keyward:canary': 'a' }, /must not begin with keyward:/],
  ['the reserved prefix alone', { 'keyward:': 'canary' }, /must not begin with keyward:/],
])('a caller’s context with %s is refused, and not repeated', (_what, context, message) => {
  const error = thrownBy(() => {
    checkCallerContext(context);
  });
  expect(error.code).toBe('invalid_request');
  expect(error.message).toMatch(message);
  expect(allThatIsSaidBy(error)).not.toContain('canary');
});
