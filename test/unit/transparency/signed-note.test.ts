import fc from 'fast-check';
import {
  formatNote,
  MAX_NOTE_BYTES,
  MAX_SIGNATURES,
  parseNote,
  verifyNote,
  type SignedNote,
} from '../../../lambdas/core/transparency/signed-note';
import { parseVerifierKey } from '../../../lambdas/core/transparency/verifier-key';
import { runs } from '../../effort';
import { flipped } from './flipped';
import { testSigner } from '../../doubles/transparency/test-signer';

/** The example of signed-note and of Go's sumdb/note, with its key (pkg.go.dev/golang.org/x/mod/sumdb/note). */
const PETER = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const PETERS = `If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
`;

const TEXT = 'first line\n\nthird line, ünicode\n';
const log = testSigner('example.org/log');
const witness = testSigner('example.org/w', 'cosignature');
const stranger = testSigner('example.net/stranger');
const note: SignedNote = { text: TEXT, signatures: [log.sign(TEXT), stranger.sign(TEXT), witness.sign(TEXT, 17)] };
const written = formatNote(note);

const opened = (bytes: Buffer, keys = [log.key, witness.key]) => {
  const parsed = parseNote(bytes);
  return parsed.fault === undefined ? verifyNote(parsed.value, keys) : parsed;
};

test('opens the published example of a note', () => {
  const key = parseVerifierKey(PETER).value!;
  expect(opened(Buffer.from(PETERS), [key])).toEqual({ value: [{ key }] });
});

test('reads what it writes, text with blank lines too, and verifies known keys in the order of their lines', () => {
  expect(parseNote(written)).toEqual({ value: note });
  expect(opened(written)).toEqual({ value: [{ key: log.key }, { key: witness.key, time: 17 }] });
  expect(opened(written, [witness.key])).toEqual({ value: [{ key: witness.key, time: 17 }] });
});

test('no bit of the text or of a known signature can be changed', () => {
  const strangers = Buffer.from(
    formatNote({ text: '', signatures: [note.signatures[1]!] })
      .subarray(1)
      .toString('utf8'),
  );
  const from = written.indexOf(strangers);
  const isStrangers = (at: number) => at >= from && at < from + strangers.length;
  let count = 0;
  for (const bytes of flipped(written)) {
    const at = bytes.findIndex((byte, index) => byte !== written[index]);
    const { value } = opened(bytes);
    // A line that is no longer of a known key is ignored; then a signature is missing that was there.
    if (value?.length === 2 && !isStrangers(at)) throw new Error(`the bit at byte ${at} was not noticed`);
    count += value?.length === 2 ? 1 : 0;
  }
  // The line of a key that nobody knows is nobody's to check.
  expect(count).toBeGreaterThan(0);
  expect(count).toBeLessThan(strangers.length * 8);
});

test('of a truncated note, all but the end of a line is refused; the lines that are left are verified', () => {
  for (let length = 0; length < written.length; length += 1) {
    const { value } = opened(written.subarray(0, length));
    expect(value === undefined || written[length - 1] === 0x0a).toBe(true);
  }
});

test('a signature that shares a name or an id with a known key, but not both, is ignored', () => {
  const signature = stranger.sign(TEXT).signature;
  const sameName = { name: log.key.name, id: stranger.key.id, signature };
  const sameId = { name: stranger.key.name, id: log.key.id, signature };
  const both = { name: log.key.name, id: log.key.id, signature };
  const open = (...signatures: readonly (typeof both)[]) => opened(formatNote({ text: TEXT, signatures }), [log.key]);
  expect(open(sameName, sameId)).toEqual({ fault: 'signature_missing' });
  expect(open(sameName, log.sign(TEXT), sameId)).toEqual({ value: [{ key: log.key }] });
  expect(open(log.sign(TEXT), both)).toEqual({ fault: 'signature_invalid' });
  expect(open(both, log.sign(TEXT))).toEqual({ fault: 'signature_invalid' });
});

test('a signature holds for its text and its type alone', () => {
  const other = formatNote({ text: 'other\n', signatures: note.signatures });
  expect(opened(other)).toEqual({ fault: 'signature_invalid' });
  const asCosigner = testSigner('example.org/log', 'cosignature');
  const crossed = { ...log.sign(TEXT), id: asCosigner.key.id };
  const cosignature = asCosigner.sign(TEXT);
  const crossedBack = { ...cosignature, id: log.key.id, signature: cosignature.signature.subarray(8) };
  for (const signature of [crossed, crossedBack]) {
    const bytes = formatNote({ text: TEXT, signatures: [signature] });
    expect(opened(bytes, [log.key, asCosigner.key])).toEqual({ fault: 'signature_invalid' });
  }
});

test.each([
  ['a time of 0', 0, true],
  ['the latest time', Number.MAX_SAFE_INTEGER, true],
  ['a time above 2^53 - 1', 2 ** 53, false],
  ['a time above 2^63 - 1', 2 ** 63, false],
])('a cosignature with %s is accepted: %#', (_, time, isAccepted) => {
  const bytes = formatNote({ text: TEXT, signatures: [witness.sign(TEXT, time)] });
  expect(opened(bytes)).toEqual(isAccepted ? { value: [{ key: witness.key, time }] } : { fault: 'signature_invalid' });
});

test.each([
  ['nothing', '', 'note_form'],
  ['a text alone', 'text\n', 'note_form'],
  ['no signature', 'text\n\n', 'note_form'],
  ['no last newline', 'text\n\n— a AAAAAAA=', 'note_form'],
  ['no blank line', 'text\n— a AAAAAAA=\n', 'note_form'],
  ['another dash', 'text\n\n- a AAAAAAA=\n', 'note_signature_line'],
  ['no blank after the dash', 'text\n\n—a AAAAAAA=\n', 'note_signature_line'],
  ['a line between', 'text\n\n— a AAAAAAA=\nx\n', 'note_signature_line'],
  ['no name', 'text\n\n—  AAAAAAA=\n', 'note_signature_line'],
  ['no signature in the line', 'text\n\n— a\n', 'note_signature_line'],
  ['an empty signature', 'text\n\n— a \n', 'note_signature_line'],
  ['a third word', 'text\n\n— a AAAAAAA= x\n', 'note_signature_line'],
  ['a blank at the end', 'text\n\n— a AAAAAAA= \n', 'note_signature_line'],
  ['a plus sign in a name', 'text\n\n— a+b AAAAAAA=\n', 'note_signature_line'],
  ['a no-break space in a name', 'text\n\n— a\u00a0b AAAAAAA=\n', 'note_signature_line'],
  ['base64 without padding', 'text\n\n— a AAAAAAA\n', 'note_signature_line'],
  ['base64 with trailing bits', 'text\n\n— a AAAAAAB=\n', 'note_signature_line'],
  ['an id alone', 'text\n\n— a AAAAAA==\n', 'note_signature_line'],
  ['a carriage return', 'text\r\n\n— a AAAAAAA=\n', 'note_control_character'],
  ['a tab in the text', 'te\txt\n\n— a AAAAAAA=\n', 'note_control_character'],
  ['a NUL', 'te\u0000xt\n\n— a AAAAAAA=\n', 'note_control_character'],
])('refuses %s', (_, text, fault) => {
  expect(parseNote(Buffer.from(text, 'utf8'))).toEqual({ fault });
});

test('refuses bytes that are not UTF-8, also where they look like what they would be replaced by', () => {
  const bytes = Buffer.from('te\ufffdxt\n\n— a AAAAAAA=\n', 'utf8');
  expect(parseNote(bytes).fault).toBeUndefined();
  const invalid = Buffer.concat([Buffer.from('te'), Buffer.of(0xff), bytes.subarray(5)]);
  expect(parseNote(invalid)).toEqual({ fault: 'note_not_utf8' });
  const surrogate = Buffer.concat([Buffer.from('te'), Buffer.from('eda080', 'hex'), bytes.subarray(5)]);
  expect(parseNote(surrogate)).toEqual({ fault: 'note_not_utf8' });
});

test('a note has at most 64 signatures and 262,144 bytes', () => {
  const many = (count: number) => ({ text: TEXT, signatures: Array.from({ length: count }, () => log.sign(TEXT)) });
  expect(opened(formatNote(many(MAX_SIGNATURES))).value).toHaveLength(MAX_SIGNATURES);
  expect(opened(formatNote(many(MAX_SIGNATURES + 1)))).toEqual({ fault: 'note_too_many_signatures' });
  const [signature] = note.signatures;
  const rest = formatNote({ text: '\n', signatures: [signature!] }).length;
  const long = (length: number) => formatNote({ text: `${'x'.repeat(length - rest)}\n`, signatures: [signature!] });
  expect(parseNote(long(MAX_NOTE_BYTES)).fault).toBeUndefined();
  expect(parseNote(long(MAX_NOTE_BYTES + 1))).toEqual({ fault: 'note_too_long' });
});

test('whatever is read is written again byte for byte, and nothing is thrown for any bytes', () => {
  const piece = fc.constantFrom('\n', '\n\n', '— ', ' ', 'a', 'AAAAAAA=', '+', '— a AAAAAAA=\n', 'ü');
  const texts = fc.array(piece, { maxLength: 12 }).map((pieces) => Buffer.from(pieces.join(''), 'utf8'));
  const junk = fc.uint8Array().map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(fc.oneof(texts, junk), (bytes) => {
      const { value } = parseNote(bytes);
      return value === undefined || formatNote(value).equals(bytes);
    }),
    { numRuns: runs(5000, 300) },
  );
});
