/** A column of a table. Widths are in columns of a terminal. */
export interface Column {
  /** The member of the rows that it shows; the heading is the same in capitals. */
  readonly name: string;
  /** A lower rank is kept longer when there is not room for all. */
  readonly rank: number;
  /** The smallest useful width; default: the whole cell. */
  readonly least?: number;
  /** The end of a cell that says more; default: its start. */
  readonly keeps?: 'start' | 'end';
  /** Shown only if all others have the room they want, or {@link PLENTY}. */
  readonly spare?: true;
  /** For an object on a terminal: members whose values come first, without names. */
  readonly leads?: readonly string[];
  /** For an object on a terminal: members that come next, with their names. */
  readonly follows?: readonly string[];
  /** The usual width of its cells, for a table that is printed before its end is known. */
  readonly usual?: number;
  /** Takes part of the remaining room of a line, for a table that is printed before its end is known. */
  readonly grows?: true;
}

/** Between two columns. */
export const GAP = '  ';
/** A width in which most cells are useful. */
const PLENTY = 40;

/**
 * Widths that fit columns into a line: the wanted widths if there is room; else the lowest ranks, each at its smallest useful
 * width or more, with the rest shared evenly, cells before headings. 0 for an omitted column.
 *
 * @param cells the width of each with no cell cut
 * @param wanted the same with no heading cut
 */
export function fitColumns(
  columns: readonly Column[],
  { cells, wanted }: { readonly cells: readonly number[]; readonly wanted: readonly number[] },
  room: number,
): number[] {
  const widths = columns.map(() => 0);
  const widthOf = (index: number): number => widths[index] ?? 0;
  const plentyOf = (index: number): number => Math.max(widthOf(index), Math.min(wanted[index] ?? 0, PLENTY));
  const byRank = columns.map((_, index) => index).sort((a, b) => (columns[a]?.rank ?? 0) - (columns[b]?.rank ?? 0));
  const shown: number[] = [];
  const leftBeside = (of: (index: number) => number): number =>
    room - shown.reduce((sum, index) => sum + of(index) + GAP.length, 0);
  for (const index of byRank) {
    const column = columns[index];
    const least = Math.min(wanted[index] ?? 0, column?.least ?? Infinity);
    // A table shows at least one column, however narrow the window.
    if (shown.length > 0 && least > leftBeside(column?.spare ? plentyOf : widthOf)) continue;
    widths[index] = Math.min(least, room);
    shown.push(index);
  }
  let left = leftBeside(widthOf) + GAP.length;
  for (const goal of [cells, wanted]) {
    while (left > 0) {
      const growing = shown.filter((index) => widthOf(index) < (goal[index] ?? 0));
      const narrowest = Math.min(...growing.map(widthOf));
      const next = growing.find((index) => widthOf(index) === narrowest);
      if (next === undefined) break;
      widths[next] = narrowest + 1;
      left -= 1;
    }
  }
  return widths;
}
