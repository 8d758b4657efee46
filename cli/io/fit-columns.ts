/** A column of a table. Widths are in columns of a terminal. */
export interface Column {
  /** Of the rows' member that it shows; the heading is the same in capitals. */
  readonly name: string;
  /** The less, the longer it stays where there is no room for all. */
  readonly rank: number;
  /** So much of it still says something; left out: only all of it does. */
  readonly least?: number;
  /** Which end of a cell tells more. Left out: its start. */
  readonly keeps?: 'start' | 'end';
  /** Is there only where all others have as much room as they want, or {@link PLENTY}. */
  readonly spare?: true;
  /** Of an object: members that stand first, by their values alone, on a terminal. */
  readonly leads?: readonly string[];
  /** Of an object: members that come next, with their names, on a terminal. */
  readonly follows?: readonly string[];
  /** How wide its cells usually get, for a table whose end has not come yet. */
  readonly usual?: number;
  /** Takes part of the room that is left in a line of a terminal, for a table whose end has not come yet. */
  readonly grows?: true;
}

/** Between two columns. */
export const GAP = '  ';
/** Most cells say enough in so many columns. */
const PLENTY = 40;

/**
 * Widths for columns that are to fit into a line: as wide as they want to be where there is room, else those that say most, each at
 * least as wide as it has to be, and what is left shared out evenly, to cells before headings. 0 for a column that is left out.
 *
 * @param cells how wide each would be with no cell cut
 * @param wanted the same with no heading cut either
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
    // Something has to be there, however narrow the window.
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
