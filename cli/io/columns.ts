/** The width of help, whatever the terminal's: a pipe and a person see the same. */
export const HELP_WIDTH = 80;

const INDENT = 2;
const GAP = 2;
/** A longer left text stands on a line of its own. */
const WIDEST_LEFT = 28;

/** Wraps words to lines of at most a number of characters; a longer word has its own line. */
export function wrap(text: string, width = HELP_WIDTH): string {
  const lines: string[] = [];
  for (const word of text.split(/[ \n]/)) {
    const last = lines.at(-1);
    const longer = `${last ?? ''} ${word}`;
    if (last === undefined || longer.length > width) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines.join('\n');
}

/** Rows of a term and its meaning, which is wrapped beside it. */
export function columns(rows: readonly (readonly [string, string])[]): string {
  const lengths = rows.map(([left]) => left.length).filter((length) => length <= WIDEST_LEFT);
  const left = Math.max(0, ...lengths);
  const margin = ' '.repeat(INDENT + left + GAP);
  return rows
    .map(([term, meaning]) => {
      const beside = wrap(meaning, HELP_WIDTH - margin.length).replaceAll('\n', `\n${margin}`);
      const head = ' '.repeat(INDENT) + term.padEnd(left + GAP);
      return term.length > left ? `${head.trimEnd()}\n${margin}${beside}` : `${head}${beside}`;
    })
    .join('\n');
}
