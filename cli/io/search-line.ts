import type { Screen } from '../session';

/** Number of pages without a row before the line is shown. */
const SILENT_PAGES = 3;
const DEFAULT_COLUMNS = 80;

/** One line on a terminal that says that a search continues. It is redrawn, and must be cleared before other output. */
export class SearchLine {
  private silent = 0;
  private isDrawn = false;

  constructor(private readonly stderr: Screen) {}

  /** Reports a page with this number of rows. */
  note(rows: number): void {
    this.silent = rows === 0 ? this.silent + 1 : 0;
    if (this.silent < SILENT_PAGES) return;
    const text = `searching: nothing in the last ${this.silent} answers; Ctrl-C stops the search`;
    // A line as wide as the window would wrap on some terminals.
    this.stderr.write(`\r\u001b[K${text.slice(0, (this.stderr.columns || DEFAULT_COLUMNS) - 1)}`);
    this.isDrawn = true;
  }

  clear(): void {
    if (this.isDrawn) this.stderr.write('\r\u001b[K');
    this.isDrawn = false;
  }
}
