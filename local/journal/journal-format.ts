import { createHash } from 'node:crypto';
import { parseStrictJson } from '../../lambdas/core/crypto/strict-json';

/*
 * A segment is a file of JSON lines: a header, then groups. A group is the lines of its events and a trailer. Every line ends with a
 * line feed; an event's line begins with `{"id":`, a trailer with `{"count":`, a header with `{"journal":`.
 */

/** Every line ends with it. */
export const LINE_FEED = 0x0a;

/** The chain before the first group of a journal. */
export const CHAIN_START = '0'.repeat(64);

/** First line of a segment. */
export interface SegmentHeader {
  /** Version of the format. */
  readonly journal: 1;
  /** The segment's own name, which reveals a renamed or copied file. */
  readonly segment: string;
  /** Hash of the previous segment's last trailer; {@link CHAIN_START} if there is none. */
  readonly previous: string;
}

/** Last line of a group. */
export interface GroupTrailer {
  /** Number of events in the group, at least 1. */
  readonly count: number;
  /** Length of the events' lines, line feeds included. */
  readonly bytes: number;
  /** Hash of the previous trailer; in the first group of a segment the header's `previous`. */
  readonly previous: string;
  /** SHA-256 of the events' lines, line feeds included, in hexadecimal. */
  readonly sha256: string;
}

/** A group to be written, and the hash of its trailer for the next group. */
export interface SealedGroup {
  readonly bytes: Buffer;
  readonly hash: string;
}

export const formatHeader = ({ journal, segment, previous }: SegmentHeader): Buffer =>
  Buffer.from(`${JSON.stringify({ journal, segment, previous })}\n`, 'utf8');

/** @param lines lines of the events, each without a line feed */
export function sealGroup(lines: readonly string[], previous: string): SealedGroup {
  const events = Buffer.from(`${lines.join('\n')}\n`, 'utf8');
  const trailer: GroupTrailer = { count: lines.length, bytes: events.length, previous, sha256: sha256(events) };
  const line = JSON.stringify(trailer);
  return { bytes: Buffer.concat([events, Buffer.from(`${line}\n`, 'utf8')]), hash: hashOfTrailer(line) };
}

/** Returns the hash that the next group names. @param line the trailer without its line feed, byte for byte */
export const hashOfTrailer = (line: string | Uint8Array): string => sha256(line);

export const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const HASH = /^[0-9a-f]{64}$/;
const TRAILER_START = '{"count":';

/** Whether a line is a trailer, by its beginning alone. */
export const isTrailerLine = (line: Uint8Array): boolean =>
  Buffer.from(line.buffer, line.byteOffset, Math.min(line.length, TRAILER_START.length)).equals(
    Buffer.from(TRAILER_START),
  );

/** Returns undefined if the line is not exactly as {@link formatHeader} writes it. */
export function parseHeader(line: string): SegmentHeader | undefined {
  const value = readMembers(line);
  if (value === undefined) return undefined;
  const header = { journal: value['journal'], segment: value['segment'], previous: value['previous'] };
  const isHeader = header.journal === 1 && typeof header.segment === 'string' && isHash(header.previous);
  return isHeader && JSON.stringify(header) === line ? (header as SegmentHeader) : undefined;
}

/** Maximum length of a header. */
export const MOST_HEADER_BYTES = 1_024;

/** Reads the first line of a segment; `end` is its length with the line feed, 0 if there is none. */
export function readHeader(bytes: Buffer): { readonly header: SegmentHeader | undefined; readonly end: number } {
  const end = bytes.indexOf(LINE_FEED) + 1;
  return { header: end === 0 ? undefined : parseHeader(bytes.toString('utf8', 0, end - 1)), end };
}

/** Returns undefined if the line is not exactly as {@link sealGroup} writes it. */
export function parseTrailer(line: string): GroupTrailer | undefined {
  const value = readMembers(line);
  if (value === undefined) return undefined;
  const trailer = {
    count: value['count'],
    bytes: value['bytes'],
    previous: value['previous'],
    sha256: value['sha256'],
  };
  const isTrailer =
    isPositive(trailer.count) && isPositive(trailer.bytes) && isHash(trailer.previous) && isHash(trailer.sha256);
  return isTrailer && JSON.stringify(trailer) === line ? (trailer as GroupTrailer) : undefined;
}

const readMembers = (line: string): Readonly<Record<string, unknown>> | undefined => {
  const value = parseStrictJson(line);
  return value === undefined ? undefined : (Object(value) as Readonly<Record<string, unknown>>);
};

export const isHash = (value: unknown): value is string => typeof value === 'string' && HASH.test(value);
const isPositive = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;
