import { LINE_FEED } from '../journal/journal-format';

/** What a journal's line is to the archive. */
export interface LineVisitor {
  /** Lines that follow each other and have a nonce each, line feeds included. */
  readonly lines: (start: number, end: number) => void;
  /** A line that is neither header nor trailer and has no nonce, without its line feed. */
  readonly older: (start: number, end: number) => void;
  /** The end of a group, behind its trailer's line feed. */
  readonly boundary: (end: number) => void;
}

const TRAILER = Buffer.from('{"count":');
const HEADER = Buffer.from('{"journal":');
/** A line ends with its nonce as {@link formatEventLine} writes it: 32 bytes in base64. */
const NONCE = Buffer.from(',"nonce":"');
const NONCE_AT = NONCE.length + 44 + '"}'.length;
const ANYWHERE = NONCE.subarray(1);

const startsWith = (block: Buffer, at: number, text: Buffer): boolean =>
  block.compare(text, 0, text.length, at, Math.min(block.length, at + text.length)) === 0;

/** Quotation marks within a value are escaped, so this is no part of one. */
function hasNonce(block: Buffer, at: number, end: number): boolean {
  const usual = end - NONCE_AT;
  return (usual > at && startsWith(block, usual, NONCE)) || block.subarray(at, end).includes(ANYWHERE);
}

/**
 * Sorts the lines of a block of a segment, damaged ones too: what is there is what the log is verified against. What follows the
 * last line feed is left out.
 */
export function visitLines(block: Buffer, visitor: LineVisitor): void {
  /** Where the lines began that are not handed on yet. */
  let pending = 0;
  const handOn = (end: number): void => {
    if (end > pending) visitor.lines(pending, end);
  };
  let at = 0;
  for (let end = block.indexOf(LINE_FEED); end >= 0; end = block.indexOf(LINE_FEED, at)) {
    const next = end + 1;
    if (startsWith(block, at, TRAILER)) {
      handOn(at);
      visitor.boundary(next);
      pending = next;
    } else if (startsWith(block, at, HEADER) || !hasNonce(block, at, end)) {
      handOn(at);
      if (!startsWith(block, at, HEADER)) visitor.older(at, end);
      pending = next;
    }
    at = next;
  }
  handOn(at);
}
