export interface GroupQueueOptions {
  /** Writes a group durably, all or nothing. Called again only once it has settled. */
  readonly write: (lines: readonly string[]) => Promise<void>;
  /** Lines that may wait; further ones are refused at once. */
  readonly maxQueued: number;
  /** A group has no more characters than this, but for one line that is longer. */
  readonly maxGroupCharacters: number;
  /** So long a first line waits for others, in milliseconds; 0: as long as the event loop needs to hand on what has arrived with it. */
  readonly fillMs: number;
}

interface Waiting {
  readonly line: string;
  readonly resolve: () => void;
  readonly reject: (thrown: unknown) => void;
}

/** Joins lines into groups: what comes while one group is being written is the next one, so that many writers cost one sync. */
export class GroupQueue {
  private waiting: Waiting[] = [];
  private isWriting = false;
  private isPlanned = false;
  private readonly idle: (() => void)[] = [];

  constructor(private readonly options: GroupQueueOptions) {}

  get isFull(): boolean {
    return this.waiting.length >= this.options.maxQueued;
  }

  /** Resolves once the line's group is written, or rejects with what that threw. Not to be called while it {@link isFull}. */
  add(line: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ line, resolve, reject });
      this.plan();
    });
  }

  /** Resolves once nothing waits and no group is being written. */
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
