import fc from 'fast-check';
import { encodeBundle, MAX_ENTRY_BYTES, parseBundle } from '../../../lambdas/core/transparency/entry-bundle';

const entries = ['a', '', 'bcd'].map((text) => Buffer.from(text));
const bundle = encodeBundle(entries);

test('each entry stands after its length, big-endian', () => {
  expect(bundle.toString('hex')).toBe('00016100000003626364');
  expect(parseBundle(bundle, 3)).toEqual({ value: entries });
});

test('an entry has at most 65,535 bytes', () => {
  const longest = Buffer.alloc(MAX_ENTRY_BYTES, 1);
  expect(parseBundle(encodeBundle([longest]), 1)).toEqual({ value: [longest] });
  expect(() => encodeBundle([Buffer.alloc(MAX_ENTRY_BYTES + 1)])).toThrow(RangeError);
});

test('refuses every truncation, every further byte, and another number of entries', () => {
  for (let length = 0; length < bundle.length; length += 1) {
    expect(parseBundle(bundle.subarray(0, length), 3).fault).toMatch(/^bundle_/);
  }
  expect(parseBundle(Buffer.concat([bundle, Buffer.of(0)]), 3)).toEqual({ fault: 'bundle_form' });
  expect(parseBundle(bundle.subarray(0, -1), 3)).toEqual({ fault: 'bundle_form' });
  expect(parseBundle(bundle, 2)).toEqual({ fault: 'bundle_width' });
  expect(parseBundle(bundle, 4)).toEqual({ fault: 'bundle_width' });
  expect(parseBundle(Buffer.alloc(0), 1)).toEqual({ fault: 'bundle_width' });
});

test('reads whatever it writes', () => {
  const any = fc.array(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    { maxLength: 20 },
  );
  fc.assert(
    fc.property(any, (list) => {
      expect(parseBundle(encodeBundle(list), list.length)).toEqual({ value: list });
    }),
  );
});
