import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { hmacSha256 } from '../../../lambdas/core/transparency/hmac-sha256';
import { runs } from '../../effort';

test('the first two test cases of RFC 4231', () => {
  const hex = (key: Buffer, text: string) => Buffer.from(hmacSha256(key, Buffer.from(text)), 'base64').toString('hex');
  expect(hex(Buffer.alloc(20, 0x0b), 'Hi There')).toBe(
    'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
  );
  expect(hex(Buffer.from('Jefe'), 'what do ya want for nothing?')).toBe(
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  );
});

test('is that of node:crypto for keys up to a block and messages of any length, in any order', () => {
  const bytes = (maxLength: number) => fc.uint8Array({ maxLength, size: 'max' }).map((each) => Buffer.from(each));
  fc.assert(
    fc.property(bytes(64), bytes(20_000), (key, message) => {
      expect(hmacSha256(key, message)).toBe(createHmac('sha256', key).update(message).digest('base64'));
    }),
    { numRuns: runs(500, 50), examples: [[Buffer.alloc(64, 1), Buffer.alloc(0)]] },
  );
});

test('longer keys, which would have to be hashed first, are refused', () => {
  expect(() => hmacSha256(Buffer.alloc(65), Buffer.alloc(1))).toThrow(RangeError);
});
