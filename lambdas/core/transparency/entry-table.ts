import { DAY_MS, MINUTE_MS } from '../contract/time-units';
import type { EventEntry } from './log-entry';
import { hmacSha256 } from './hmac-sha256';
import { createIdTable } from './id-table';

/** What is known of an entry: bits of one number. */
export const ENTRY = {
  /** It is that of an event. */
  event: 1,
  /** An archived line fits it. */
  fits: 2,
  /** An index object has it at its place. */
  indexed: 4,
  /** The table has its event. */
  inTable: 8,
  /** It was reported: once is enough. */
  reported: 16,
  /** No bundle has it, but an index object does. */
  unread: 32,
  /** It is that of no event. */
  handOver: 64,
} as const;

/** The archived line of an entry, in so few bytes that millions fit into memory. */
interface FittingLine {
  /** 16 bytes of the hash of its members, without the nonce. */
  readonly digest: Buffer;
  /** The event's time, in milliseconds since 1970. */
  readonly time: number;
  /** Number of the archive object. */
  readonly object: number;
}

/**
 * The entries of a log by id and by place, in about 70 bytes each. Where an entry's commitment stood, its archived line stands as
 * soon as one fits: another line of that id is then compared with this one, and no longer with the commitment.
 */
export interface EntryTable {
  /** @returns false if an entry of the same id was there: then this one is known by its place alone */
  add(entry: EventEntry, place: number): boolean;
  /** Notes that the entry at a place is that of no event. */
  addOther(place: number): void;
  /** Notes that an id stands at a place whose bundle cannot be read. */
  addUnread(id: Buffer, place: number): void;
  placeOf(id: Buffer): number | undefined;
  has(place: number, flag: number): boolean;
  set(place: number, flag: number): void;
  /** Whether the line is that to which the entry commits. Only as long as no line was kept. */
  isLineOf(place: number, nonce: Buffer, line: Buffer): boolean;
  keepLine(place: number, line: FittingLine): void;
  /** Only for an entry that {@link ENTRY.fits}. */
  lineAt(place: number): FittingLine;
  /** The id at a place, 32 hexadecimal digits. */
  idAt(place: number): string;
  /** The minute under which an index object has the entry. */
  setMinute(place: number, minute: number): void;
  /**
   * The time of an entry whose line is not there, in milliseconds since 1970. It is that with which the id begins, unless the id is
   * one of an earlier release, which is random: then two neighbours are not of one day, and the index says the minute. Infinity
   * if nobody says.
   */
  timeAt(place: number): number;
}

const ID_BYTES = 16;
const SLOT_BYTES = 32;
export const DIGEST_BYTES = 16;
const TIME_BYTES = 6;
const OBJECT_AT = DIGEST_BYTES + TIME_BYTES;
const SMALLEST = 64;

function enlarged<A extends Uint8Array | Uint32Array>(from: A, to: A): A {
  to.set(from);
  return to;
}

export function createEntryTable(): EntryTable {
  const places = createIdTable();
  let ids = Buffer.alloc(SMALLEST * ID_BYTES);
  let slots = Buffer.alloc(SMALLEST * SLOT_BYTES);
  let flags = new Uint8Array(SMALLEST);
  let minutes = new Uint32Array(SMALLEST);

  function reserve(place: number): void {
    if (place < flags.length) return;
    const length = Math.max(place + 1, 2 * flags.length);
    ids = Buffer.concat([ids], length * ID_BYTES);
    slots = Buffer.concat([slots], length * SLOT_BYTES);
    flags = enlarged(flags, new Uint8Array(length));
    minutes = enlarged(minutes, new Uint32Array(length));
  }
  const idTimeAt = (place: number): number => ids.readUIntBE(place * ID_BYTES, TIME_BYTES);
  const flagsAt = (place: number): number => flags[place] ?? 0;

  return {
    add({ id, mac }, place) {
      reserve(place);
      ids.write(id, place * ID_BYTES, 'hex');
      mac.copy(slots, place * SLOT_BYTES);
      flags[place] = ENTRY.event;
      return places.add(Buffer.from(id, 'hex'), place);
    },
    addOther(place) {
      reserve(place);
      flags[place] = ENTRY.handOver;
    },
    addUnread(id, place) {
      reserve(place);
      id.copy(ids, place * ID_BYTES);
      flags[place] = ENTRY.unread;
      places.add(id, place);
    },
    placeOf: (id) => places.valueOf(id),
    has: (place, flag) => (flagsAt(place) & flag) !== 0,
    set(place, flag) {
      flags[place] = flagsAt(place) | flag;
    },
    isLineOf: (place, nonce, line) =>
      hmacSha256(nonce, line) === slots.toString('base64', place * SLOT_BYTES, (place + 1) * SLOT_BYTES),
    keepLine(place, { digest, time, object }) {
      const start = place * SLOT_BYTES;
      digest.copy(slots, start, 0, DIGEST_BYTES);
      slots.writeUIntBE(time, start + DIGEST_BYTES, TIME_BYTES);
      slots.writeUInt32BE(object, start + OBJECT_AT);
      flags[place] = flagsAt(place) | ENTRY.fits;
    },
    lineAt(place) {
      const start = place * SLOT_BYTES;
      return {
        digest: slots.subarray(start, start + DIGEST_BYTES),
        time: slots.readUIntBE(start + DIGEST_BYTES, TIME_BYTES),
        object: slots.readUInt32BE(start + OBJECT_AT),
      };
    },
    setMinute(place, minute) {
      minutes[place] = minute;
    },
    timeAt(place) {
      const time = idTimeAt(place);
      if (Math.abs(time - idTimeAt(place === 0 ? 1 : place - 1)) < DAY_MS) return time;
      const minute = minutes[place] as number;
      return minute === 0 ? Infinity : minute * MINUTE_MS;
    },
    idAt: (place) => ids.toString('hex', place * ID_BYTES, (place + 1) * ID_BYTES),
  };
}
