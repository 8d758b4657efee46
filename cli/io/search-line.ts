import type { Screen } from '../session';

/** Pages without a row after which somebody at a terminal wonders. */
const SILENT_PAGES = 3;
const DEFAULT_COLUMNS = 80;

/** One line on a terminal that says that a search goes on. It is drawn over again, and has to be gone before anything else is written. */
export class SearchLine {
  private silent = 0;
  private isDrawn = false;

  constructor(private readonly stderr: Screen) {}

  /** A page had these many rows. */
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
