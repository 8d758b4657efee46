/**
 * The screen of a terminal with this many columns after a text: its rows, less empty ones at the end. It knows the codes of
 * Keyward's progress line (carriage return, newline, cursor up (CUU) and erase to the end (ED), from ECMA-48) and refuses others.
 */
export function screenOf(text: string, columns: number): string[] {
  const rows: string[] = [''];
  let [row, column] = [0, 0];
  for (const [part, up, erase] of text.matchAll(/\u001b\[(\d+)A|(\u001b\[J)|[^]/g)) {
    if (up !== undefined) row = Math.max(0, row - Number(up));
    else if (erase !== undefined) {
      rows.length = row + 1;
      rows[row] = (rows[row] ?? '').slice(0, column);
    } else if (part === '\r') column = 0;
    else if (part === '\n') [row, column] = [row + 1, 0];
    else if (/\p{Cc}/u.test(part)) throw new Error('the terminal would obey something unknown');
    else {
      if (column === columns) [row, column] = [row + 1, 0];
      const line = rows[row] ?? '';
      rows[row] = line.slice(0, column).padEnd(column) + part + line.slice(column + 1);
      column += 1;
    }
  }
  while (rows.length > 0 && !rows.at(-1)) rows.pop();
  return rows;
}
