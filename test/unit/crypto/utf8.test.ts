import fc from 'fast-check';
import { decodeUtf8 } from '../../../lambdas/core/crypto/utf8';
import { runs } from '../../effort';

test('every well-formed text comes back, also one that holds U+FFFD or begins with a byte order mark', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      fc.pre(text.isWellFormed());
      expect(decodeUtf8(Buffer.from(text, 'utf8'))).toBe(text);
    }),
  );
  for (const text of ['\ufffd', 'a\ufffdb', '\ufeffa', '\0']) expect(decodeUtf8(Buffer.from(text))).toBe(text);
});

test('agrees with a fatal TextDecoder on any bytes', () => {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
      let expected: string | undefined;
      try {
        expected = decoder.decode(bytes);
      } catch {
        expected = undefined;
      }
      expect(decodeUtf8(Buffer.from(bytes))).toBe(expected);
    }),
    { numRuns: runs(2000) },
  );
});

test.each([
  ['a continuation byte', [0x80]],
  ['a cut sequence, as long as its replacement', [0xf0, 0x9f, 0x98]],
  ['an overlong form', [0xc0, 0xaf]],
  ['a surrogate', [0xed, 0xa0, 0x80]],
  ['above U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
])('refuses %s', (_what, bytes) => {
  expect(decodeUtf8(Buffer.from(bytes))).toBeUndefined();
});
