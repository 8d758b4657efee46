/** So long a line waits for others, in milliseconds. */
const LONGEST_WAIT_MS = 50;
/** So many characters are written without waiting longer. */
const LONGEST_GROUP = 65_536;

/**
 * Lines of a log, written in groups: each by itself would be a call of the system, in which the request of the line and all others wait.
 * A line is written within 50 ms, in the order of {@link add}.
 *
 * Whoever ends the process calls {@link flush}. What is lost where it is killed are the lines of its last 50 ms.
 */
export class LogLines {
  private held = '';
  private timer: NodeJS.Timeout | undefined;

  /** @param write takes any number of whole lines */
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

  /** Writes what waits. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const lines = this.held;
    this.held = '';
    if (lines !== '') this.write(lines);
  }
}
