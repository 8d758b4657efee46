export interface GroupQueueOptions {
  /** Writes a group durably, all or nothing. Not called again before it has settled. */
  readonly write: (lines: readonly string[]) => Promise<void>;
  /** Maximum of waiting lines; further lines are refused at once. */
  readonly maxQueued: number;
  /** Maximum size of a group in characters, except for a single longer line. */
  readonly maxGroupCharacters: number;
  /** Time that a first line waits for others, in milliseconds; 0: until the event loop has delivered what arrived with it. */
  readonly fillMs: number;
}

interface Waiting {
  readonly line: string;
  readonly resolve: () => void;
  readonly reject: (thrown: unknown) => void;
}

/** Groups lines: lines that arrive while a group is being written are the next group, so that many writers cost one sync. */
export class GroupQueue {
  private waiting: Waiting[] = [];
  private isWriting = false;
  private isPlanned = false;
  private readonly idle: (() => void)[] = [];

  constructor(private readonly options: GroupQueueOptions) {}

  get isFull(): boolean {
    return this.waiting.length >= this.options.maxQueued;
  }

  /** Resolves when the line's group is written, or rejects with the error of `write`. Must not be called while it {@link isFull}. */
  add(line: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ line, resolve, reject });
      this.plan();
    });
  }

  /** Resolves when no line waits and no group is being written. */
  drain(): Promise<void> {
    return new Promise((resolve) => {
      if (!this.isWriting && this.waiting.length === 0) resolve();
      else this.idle.push(resolve);
    });
  }

  private plan(): void {
    if (this.isWriting || this.isPlanned) return;
    this.isPlanned = true;
    const begin = (): void => {
      this.isPlanned = false;
      void this.writeAll();
    };
    if (this.options.fillMs > 0) setTimeout(begin, this.options.fillMs);
    else setImmediate(begin);
  }

  private async writeAll(): Promise<void> {
    this.isWriting = true;
    while (this.waiting.length > 0) {
      const group = this.takeGroup();
      try {
        await this.options.write(group.map(({ line }) => line));
        for (const { resolve } of group) resolve();
      } catch (thrown) {
        for (const { reject } of group) reject(thrown);
      }
    }
    this.isWriting = false;
    for (const resolve of this.idle.splice(0)) resolve();
  }

  private takeGroup(): readonly Waiting[] {
    let characters = 0;
    const end = this.waiting.findIndex(({ line }, index) => {
      characters += line.length;
      return index > 0 && characters > this.options.maxGroupCharacters;
    });
    return this.waiting.splice(0, end === -1 ? this.waiting.length : end);
  }
}
