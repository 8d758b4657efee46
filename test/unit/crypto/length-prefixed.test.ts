import fc from 'fast-check';
import { encodeStrings, encodeUint32 } from '../../../lambdas/core/crypto/length-prefixed';
import { runs } from '../../effort';

test('a count is four bytes, the highest first', () => {
  expect(encodeUint32(0)).toEqual(Buffer.of(0, 0, 0, 0));
  expect(encodeUint32(0x01020304)).toEqual(Buffer.of(1, 2, 3, 4));
  expect(encodeUint32(0xffffffff)).toEqual(Buffer.of(255, 255, 255, 255));
});

test('lengths count bytes, not characters', () => {
  expect(encodeStrings(['a', '', '€😀']).toString('hex')).toBe(
    '00000001' + '61' + '00000000' + '00000007' + 'e282ac' + 'f09f9880',
  );
});

test('lists of the same length share an encoding only if they are equal', () => {
  const list = fc.array(fc.string({ unit: 'binary', maxLength: 3 }), { minLength: 3, maxLength: 3 });
  fc.assert(
    fc.property(list, list, (a, b) => {
      fc.pre([...a, ...b].every((text) => text.isWellFormed()));
      expect(encodeStrings(a).equals(encodeStrings(b))).toBe(a.every((text, index) => text === b[index]));
    }),
    { numRuns: runs(500) },
  );
});

test('a lone surrogate is refused', () => {
  for (const text of ['\ud800', 'a\udfff', '\udc00\ud800']) {
    expect(() => encodeStrings(['a', text])).toThrow(new RangeError('text is not well-formed Unicode'));
  }
});
