import fc from 'fast-check';
import { decodeCanonicalBase64 } from '../../../lambdas/core/crypto/canonical-base64';

test('what base64 writes comes back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(decodeCanonicalBase64(Buffer.from(bytes).toString('base64'))).toEqual(Buffer.from(bytes));
    }),
  );
});

test('the vectors of RFC 4648 section 10', () => {
  const vectors = {
    '': '',
    f: 'Zg==',
    fo: 'Zm8=',
    foo: 'Zm9v',
    foob: 'Zm9vYg==',
    fooba: 'Zm9vYmE=',
    foobar: 'Zm9vYmFy',
  };
  for (const [text, encoded] of Object.entries(vectors)) {
    expect(decodeCanonicalBase64(encoded)?.toString()).toBe(text);
  }
});

test.each([
  ['trailing bits that are not zero', 'Zh=='],
  ['trailing bits before one pad', 'Zm9='],
  ['no padding', 'Zg'],
  ['half of the padding', 'Zg='],
  ['too much padding', 'Zm9v='],
  ['padding alone', '='],
  ['padding inside', 'Zg==Zg=='],
  ['the URL alphabet', '-_-_'],
  ['a mix of both alphabets', '+_/-'],
  ['a line break at the end', 'Zm9v\n'],
  ['a line break inside', 'Zm\n9v'],
  ['a space in front', ' Zm9v'],
  ['a tab', 'Zm9v\tZm9v'],
  ['a character of no alphabet', 'Zm9v!'],
  ['a lone character', 'Z'],
  ['a NUL', 'Zm9v\0'],
  ['a byte order mark', '\ufeffZm9v'],
  ['full-width letters', '\uff3am9v'],
  ['letters whose low byte is in the alphabet', '\u015am9v'],
  ['a lone surrogate', 'Zm9v\ud800'],
])('refuses %s', (_what, text) => {
  expect(decodeCanonicalBase64(text)).toBeUndefined();
});

test('of all texts of four characters around the alphabet exactly one decodes to given bytes', () => {
  const characters = 'ABgwQ+/-_= \n';
  const spellings = new Map<string, string>();
  for (const a of characters)
    for (const b of characters)
      for (const c of characters)
        for (const d of characters) {
          const bytes = decodeCanonicalBase64(a + b + c + d)?.toString('hex');
          if (bytes === undefined) continue;
          expect(spellings.has(bytes)).toBe(false);
          spellings.set(bytes, a + b + c + d);
        }
  expect(spellings.size).toBeGreaterThan(1000);
});
