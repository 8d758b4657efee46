import { decodeCanonicalBase64 } from '../crypto/canonical-base64';
import { decodeUtf8 } from '../crypto/utf8';
import type { Checked } from './log-fault';
import { isKeyName, type VerifierKey } from './verifier-key';
import { verifySignature } from './verify-signature';

/** A line under a note: whose signature it claims to be, and its bytes. */
export interface NoteSignature {
  readonly name: string;
  /** 8 hexadecimal digits, lower case. */
  readonly id: string;
  readonly signature: Buffer;
}

/** A text and the signatures below it (signed-note, "Format"). Nothing is verified. */
export interface SignedNote {
  /** Ends with a newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** A signature that holds, with the time that a cosignature states: seconds since 1970. */
export interface VerifiedSignature {
  readonly key: VerifierKey;
  readonly time?: number;
}

/** Room for the 16 signatures that verifiers must accept (signed-note, "Format"), post-quantum ones of 5 kB among them. */
export const MAX_NOTE_BYTES = 262_144;
export const MAX_SIGNATURES = 64;

const ID_BYTES = 4;
const LINE = /^— ([^ ]+) ([^ ]+)$/;
const CONTROL_CHARACTER = /[\u0000-\u0009\u000b-\u001f]/;

/**
 * Reads a note, and accepts only what {@link formatNote} writes: valid UTF-8 without control characters, canonical base64, no byte
 * beside text and signature lines.
 */
export function parseNote(bytes: Buffer): Checked<SignedNote> {
  if (bytes.length > MAX_NOTE_BYTES) return { fault: 'note_too_long' };
  const note = decodeUtf8(bytes);
  if (note === undefined) return { fault: 'note_not_utf8' };
  if (CONTROL_CHARACTER.test(note)) return { fault: 'note_control_character' };
  const split = note.lastIndexOf('\n\n');
  if (split < 0 || !note.endsWith('\n')) return { fault: 'note_form' };
  const lines = note
    .slice(split + 2)
    .split('\n')
    .slice(0, -1);
  if (lines.length === 0) return { fault: 'note_form' };
  if (lines.length > MAX_SIGNATURES) return { fault: 'note_too_many_signatures' };
  const signatures = lines.map(parseSignatureLine);
  return signatures.every((each) => each !== undefined)
    ? { value: { text: note.slice(0, split + 1), signatures } }
    : { fault: 'note_signature_line' };
}

function parseSignatureLine(line: string): NoteSignature | undefined {
  const [, name = '', encoded = ''] = LINE.exec(line) ?? [];
  const bytes = decodeCanonicalBase64(encoded);
  if (bytes === undefined || bytes.length <= ID_BYTES || !isKeyName(name)) return undefined;
  return { name, id: bytes.toString('hex', 0, ID_BYTES), signature: bytes.subarray(ID_BYTES) };
}

/** One signature line, with its newline. */
const formatSignatureLine = ({ name, id, signature }: NoteSignature): string =>
  `— ${name} ${Buffer.concat([Buffer.from(id, 'hex'), signature]).toString('base64')}\n`;

/** Writes a note. `text` ends with a newline and has no control character beside newlines. */
export const formatNote = ({ text, signatures }: SignedNote): Buffer =>
  Buffer.from(`${text}\n${signatures.map(formatSignatureLine).join('')}`, 'utf8');

/**
 * Verifies the signatures of known keys and ignores all others, also such as share a name or an id with a known key, but not both
 * (signed-note, "Signatures").
 *
 * One signature of a known key that does not hold refuses the note, as does a note without any signature of a known key. A key
 * that signed twice is listed once for each.
 */
export function verifyNote(note: SignedNote, keys: readonly VerifierKey[]): Checked<readonly VerifiedSignature[]> {
  const verified: VerifiedSignature[] = [];
  for (const { name, id, signature } of note.signatures) {
    for (const key of keys.filter((known) => known.name === name && known.id === id)) {
      const time = verifySignature(key, note.text, signature);
      if (time === undefined) return { fault: 'signature_invalid' };
      verified.push({ key, ...time });
    }
  }
  return verified.length > 0 ? { value: verified } : { fault: 'signature_missing' };
}
