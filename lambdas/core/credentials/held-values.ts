import { isDamaged, isTombstone, type StoredPreviousValue, type StoredRow } from './credential';

/** Which of the two values of a row. */
export type WhichValue = 'current' | 'previous';

/** The key version of one value of a row; 0 if lost. */
export interface HeldValue {
  readonly which: WhichValue;
  readonly key_version: number;
}

/** The values of a row: the current one unless it was deleted, and the previous one if there is one. */
export function heldValues(row: StoredRow): readonly HeldValue[] {
  const held: HeldValue[] = [];
  if (!isTombstone(row) && !isDamagedTombstone(row)) held.push({ which: 'current', key_version: row.key_version });
  if (row.previous !== undefined) held.push({ which: 'previous', key_version: row.previous.key_version });
  return held;
}

/** A damaged tombstone has no current value either. */
const isDamagedTombstone = (row: StoredRow): boolean => isDamaged(row) && 'deleted_at' in row.row;

/** Returns the row with another previous value, or none. */
export function withPrevious<R extends StoredRow>(row: R, previous: StoredPreviousValue | undefined): R {
  const { previous: _, ...rest } = row;
  return { ...rest, ...(previous !== undefined && { previous }) } as R;
}
