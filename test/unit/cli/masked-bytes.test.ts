import fc from 'fast-check';
import { MaskedBytes, MASK } from '../../../cli/program/masked-bytes';
import { runs } from '../../effort';

const PIECES = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 40 });
/** Few letters, so that texts overlap, contain and begin each other. */
const word = (least: number, most: number) =>
  fc.array(fc.constantFrom(0x61, 0x62), { minLength: least, maxLength: most }).map((bytes) => Buffer.from(bytes));

/** By the definition: all occurrences of the texts, overlapping ones as one. */
function maskedWhole(all: Buffer, patterns: readonly Buffer[]): Buffer {
  const spans = patterns
    .flatMap((pattern) => {
      const starts: number[] = [];
      for (let at = all.indexOf(pattern); at !== -1; at = all.indexOf(pattern, at + 1)) starts.push(at);
      return starts.map((start) => ({ start, end: start + pattern.length }));
    })
    .sort((a, b) => a.start - b.start || b.end - a.end);
  const parts: Buffer[] = [];
  let shown = 0;
  for (let at = 0; at < spans.length;) {
    const { start } = spans[at]!;
    let { end } = spans[at]!;
    for (at += 1; at < spans.length && spans[at]!.start < end; at += 1) end = Math.max(end, spans[at]!.end);
    parts.push(all.subarray(shown, start), MASK);
    shown = end;
  }
  return Buffer.concat([...parts, all.subarray(shown)]);
}

function cut(all: Buffer, lengths: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  let at = 0;
  for (const length of lengths) {
    pieces.push(all.subarray(at, at + length));
    at += length;
  }
  return [...pieces, all.subarray(at)];
}

test('however the bytes are cut, what comes out is the masking of them all', () => {
  fc.assert(
    fc.property(word(0, 60), fc.array(word(1, 7), { minLength: 1, maxLength: 5 }), PIECES, (all, patterns, lengths) => {
      const masked = new MaskedBytes(patterns);
      const pieces = cut(all, lengths);
      const out = Buffer.concat([...pieces.map((piece) => masked.push(piece)), masked.end()]);
      expect(out.toString('latin1')).toBe(maskedWhole(all, patterns).toString('latin1'));
    }),
    { numRuns: runs(2_000) },
  );
});

test('any bytes pass that are not hidden, and random ones around a text leave it hidden', () => {
  const text = Buffer.from('sk-example-key');
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.uint8Array({ maxLength: 200 }),
      PIECES,
      (before, after, lengths) => {
        const masked = new MaskedBytes([text]);
        const all = Buffer.concat([before, text, after]);
        const pieces = cut(all, lengths);
        const out = Buffer.concat([...pieces.map((piece) => masked.push(piece)), masked.end()]);
        expect(out).toEqual(Buffer.concat([before, MASK, after]));
      },
    ),
    { numRuns: runs(200) },
  );
});

test.each([
  ['nothing is held of what begins no text', ['secret-value'], 'no question', 'no question'],
  ['what may begin one is', ['secret-value'], 'the secret', 'the '],
  ['also where it is at the end of a hidden one', ['abcdefgh', 'hijklmno'], 'xabcdefgh', 'x********'],
  ['one of two that end differently', ['abcdefgh', 'abcdefghij'], 'abcdefgh', ''],
])('%s', (_, patterns, text, out) => {
  expect(new MaskedBytes(patterns.map((pattern) => Buffer.from(pattern))).push(Buffer.from(text)).toString()).toBe(out);
});

test('a text that repeats itself without an end is hidden without being kept', () => {
  const masked = new MaskedBytes([Buffer.alloc(8, 'a')]);
  const pieces = Array.from({ length: 100 }, () => masked.push(Buffer.alloc(10_000, 'a')));
  expect(Buffer.concat([...pieces, masked.end()]).toString()).toBe('********');
});

describe('after a pause', () => {
  test('the beginning of a text that tells nothing of it is given, and the rest of the text is hidden', () => {
    const masked = new MaskedBytes([Buffer.from('sk-example-key')]);
    expect(masked.push(Buffer.from('Use sk-')).toString()).toBe('Use ');
    expect(masked.canRelease).toBe(true);
    expect(masked.release().toString()).toBe('sk-');
    expect(masked.canRelease).toBe(false);
    expect(masked.push(Buffer.from('example-key!')).toString()).toBe('********!');
  });

  test('so is the mask of a text that may be the beginning of another one', () => {
    const masked = new MaskedBytes([Buffer.from('sk-example-key'), Buffer.from('sk-example-key-two')]);
    expect(masked.push(Buffer.from('Key: sk-example-key')).toString()).toBe('Key: ');
    expect(masked.release().toString()).toBe('********');
    expect(masked.push(Buffer.from('-two\n')).toString()).toBe('********\n');
  });

  test('a longer one is not', () => {
    const masked = new MaskedBytes([Buffer.from('sk-example-key')]);
    masked.push(Buffer.from('sk-examp'));
    expect(masked.canRelease).toBe(false);
    expect(masked.release().toString()).toBe('');
    expect(masked.push(Buffer.from('?')).toString()).toBe('sk-examp?');
  });

  test('whatever is released when, no text comes out whole, and but for masks all that is none', () => {
    fc.assert(
      fc.property(word(0, 80), word(9, 12), PIECES, (all, pattern, lengths) => {
        const masked = new MaskedBytes([pattern]);
        const pieces = cut(all, lengths);
        const out = pieces.flatMap((piece) => [masked.push(piece), masked.release()]);
        const text = Buffer.concat([...out, masked.end()]);
        expect(text.includes(pattern)).toBe(false);
        if (!all.includes(pattern)) expect(text.equals(all)).toBe(true);
      }),
      { numRuns: runs(500) },
    );
  });
});
