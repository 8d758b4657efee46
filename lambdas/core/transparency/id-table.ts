/** Ids of 16 bytes, each with a number, in 22 bytes of buffers each: millions do not fit into a `Map`. */
export interface IdTable {
  /** @returns false if the id was there; nothing is changed then */
  add(id: Buffer, value: number): boolean;
  has(id: Buffer): boolean;
  valueOf(id: Buffer): number | undefined;
  /** All records in the order of their ids, each the id in 16 bytes and the number in six, big-endian. */
  sorted(): Buffer;
}

const ID_BYTES = 16;
const VALUE_BYTES = 6;
export const RECORD_BYTES = ID_BYTES + VALUE_BYTES;
const SMALLEST = 64;

export function createIdTable(): IdTable {
  let records = Buffer.alloc(SMALLEST * RECORD_BYTES);
  /** Numbers of records, from 1, by the hash of their ids, with linear probing; at most half full. */
  let slots = new Uint32Array(2 * SMALLEST);
  let count = 0;

  /** The first 12 digits of an id are a time; the last ones are random. */
  const startOf = (id: Buffer): number => id.readUInt32BE(ID_BYTES - 4) % slots.length;

  const recordAt = (number: number): Buffer => records.subarray((number - 1) * RECORD_BYTES, number * RECORD_BYTES);

  const numberIn = (slot: number): number => slots[slot] as number;

  /** The slot that has the id, or the empty one where it belongs. */
  function slotOf(id: Buffer): number {
    let slot = startOf(id);
    for (let number = numberIn(slot); number !== 0; number = numberIn(slot)) {
      const start = (number - 1) * RECORD_BYTES;
      if (id.compare(records, start, start + ID_BYTES) === 0) return slot;
      slot = (slot + 1) % slots.length;
    }
    return slot;
  }

  function grow(): void {
    records = Buffer.concat([records], 2 * records.length);
    slots = new Uint32Array(2 * slots.length);
    for (let number = 1; number <= count; number += 1) slots[slotOf(recordAt(number).subarray(0, ID_BYTES))] = number;
  }

  return {
    add(id, value) {
      if (2 * (count + 1) > slots.length) grow();
      const slot = slotOf(id);
      if (numberIn(slot) !== 0) return false;
      count += 1;
      slots[slot] = count;
      const start = (count - 1) * RECORD_BYTES;
      id.copy(records, start);
      records.writeUIntBE(value, start + ID_BYTES, VALUE_BYTES);
      return true;
    },
    has: (id) => numberIn(slotOf(id)) !== 0,
    valueOf(id) {
      const number = numberIn(slotOf(id));
      return number === 0 ? undefined : recordAt(number).readUIntBE(ID_BYTES, VALUE_BYTES);
    },
    sorted: () =>
      Buffer.concat(
        Array.from({ length: count }, (_, at) => recordAt(at + 1)).sort((a, b) =>
          a.compare(b, 0, ID_BYTES, 0, ID_BYTES),
        ),
      ),
  };
}
