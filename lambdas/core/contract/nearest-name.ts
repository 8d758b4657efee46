/** A longer text is not a mistyped name, and comparing it would take long. */
const LONGEST = 64;
const SHORTEST_BEGINNING = 3;

/**
 * The names that a mistyped name probably means, the nearest ones alone: a name that differs in a few characters, in case or in
 * separators (`keyVersion`, `key-version`), that begins with the given text, or has it as one of its words (`version` for
 * `key_version`). Never returns the given text unless it is one of `names`.
 *
 * @returns at most three, in the order of `names`
 */
export function nearestNames(given: string, names: readonly string[]): readonly string[] {
  const text = given.toLowerCase();
  if (text === '' || text.length > LONGEST) return [];
  const distances = names.map((name) => {
    const far = joined(text) === joined(name) ? 0 : distance(text, name.toLowerCase());
    const begins = text.length >= SHORTEST_BEGINNING && name.toLowerCase().startsWith(text);
    const isPart = begins || name.split('_').includes(text);
    return far <= Math.max(1, Math.floor(name.length / 3)) ? far : isPart ? LONGEST : Infinity;
  });
  const least = Math.min(...distances);
  return least === Infinity ? [] : names.filter((_, index) => distances[index] === least).slice(0, 3);
}

/** In lower case and without separators. */
const joined = (name: string): string => name.toLowerCase().replaceAll(/[-_. ]/g, '');

/**
 * Number of characters to insert, delete, change, or swap with a neighbour: the optimal string alignment distance,
 * https://en.wikipedia.org/wiki/Damerau%E2%80%93Levenshtein_distance.
 */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number): number => (rows[row] as number[])[column] as number;
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    rows.push(current);
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current.push(
        Math.min(
          at(row - 1, column) + 1,
          at(row, column - 1) + 1,
          at(row - 1, column - 1) + (same ? 0 : 1),
          swapped ? at(row - 2, column - 2) + 1 : Infinity,
        ),
      );
    }
  }
  return at(a.length, b.length);
}
