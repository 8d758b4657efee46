/** Maximum time that a line waits for others, in milliseconds. */
const LONGEST_WAIT_MS = 50;
/** Number of characters that are written without further waiting. */
const LONGEST_GROUP = 65_536;

/**
 * Writes lines of a log in groups: one system call per line would delay the line's request and all others. A line is written
 * within 50 ms, in the order of {@link add}.
 *
 * The end of the process must call {@link flush}. A kill loses the lines of the last 50 ms.
 */
export class LogLines {
  private held = '';
  private timer: NodeJS.Timeout | undefined;

  /** @param write accepts any number of whole lines */
  constructor(private readonly write: (lines: string) => void) {}

  /** @param line with its line feed */
  add(line: string): void {
    this.held += line;
    if (this.held.length >= LONGEST_GROUP) this.flush();
    else
      this.timer ??= setTimeout(() => {
        this.flush();
      }, LONGEST_WAIT_MS).unref();
  }

  /** Writes waiting lines. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const lines = this.held;
    this.held = '';
    if (lines !== '') this.write(lines);
  }
}
