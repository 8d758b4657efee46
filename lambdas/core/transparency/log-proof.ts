import { decodeCanonicalBase64 } from '../crypto/canonical-base64';
import { decodeUtf8 } from '../crypto/utf8';
import { readDecimal } from './decimal';
import type { Checked } from './log-fault';
import { HASH_BYTES } from './merkle-hash';
import { MAX_NOTE_BYTES, parseNote, type SignedNote } from './signed-note';

/** A proof that an entry is in a log, to be checked without the log (tlog-proof, "Format"). Nothing is verified. */
export interface LogProof {
  /** For the application; not authenticated. Ours is the event's nonce. */
  readonly extra?: Buffer;
  readonly index: number;
  /** From the leaf's sibling up. */
  readonly hashes: readonly Buffer[];
  /** The checkpoint as the log issued it, byte for byte. */
  readonly checkpoint: Buffer;
}

/** A proof of a tree with 2^64 entries. */
const MAX_HASHES = 64;
const MAX_EXTRA_BYTES = 65_536;
const MAX_PROOF_BYTES = MAX_NOTE_BYTES + 2 * MAX_EXTRA_BYTES;

const HEADER = 'c2sp.org/tlog-proof@v1';
const EXTRA = 'extra ';
const INDEX = 'index ';

export function formatLogProof({ extra, index, hashes, checkpoint }: LogProof): Buffer {
  const lines = [
    HEADER,
    ...(extra === undefined ? [] : [`${EXTRA}${extra.toString('base64')}`]),
    `${INDEX}${index}`,
    ...hashes.map((hash) => hash.toString('base64')),
    '',
  ];
  return Buffer.concat([Buffer.from(lines.map((line) => `${line}\n`).join(''), 'utf8'), checkpoint]);
}

/** Reads a proof. Only what {@link formatLogProof} writes is accepted, with a checkpoint that is a signed note. */
export function parseLogProof(bytes: Buffer): Checked<LogProof & { readonly note: SignedNote }> {
  const end = bytes.indexOf('\n\n');
  if (bytes.length > MAX_PROOF_BYTES || end < 0) return { fault: 'proof_form' };
  const [header, ...lines] = (decodeUtf8(bytes.subarray(0, end)) ?? '').split('\n');
  if (header !== HEADER) return { fault: 'proof_form' };
  const extra = lines[0]?.startsWith(EXTRA) === true ? readExtra(lines.shift()) : { value: undefined };
  if (extra === undefined) return { fault: 'proof_extra' };
  const [first = '', ...encoded] = lines;
  const index = first.startsWith(INDEX) ? readDecimal(first.slice(INDEX.length)) : undefined;
  if (index === undefined) return { fault: 'proof_index' };
  const hashes = encoded.map(decodeCanonicalBase64).filter((hash) => hash?.length === HASH_BYTES) as Buffer[];
  if (hashes.length !== encoded.length || hashes.length > MAX_HASHES) return { fault: 'proof_hash' };
  const checkpoint = bytes.subarray(end + 2);
  const note = parseNote(checkpoint);
  if (note.fault !== undefined) return note;
  return {
    value: { ...(extra.value !== undefined && { extra: extra.value }), index, hashes, checkpoint, note: note.value },
  };
}

function readExtra(line = ''): { readonly value: Buffer } | undefined {
  const value = decodeCanonicalBase64(line.slice(EXTRA.length));
  return value === undefined || value.length > MAX_EXTRA_BYTES ? undefined : { value };
}
