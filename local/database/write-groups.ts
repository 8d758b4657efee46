import type { Operation } from './level-modules';

/** Keeps a group, which is one record of the log, within LevelDB's write buffer. */
const MAX_OPERATIONS = 200;

interface Waiting {
  readonly operations: readonly Operation[];
  readonly resolve: () => void;
  readonly reject: (thrown: unknown) => void;
}

/**
 * Groups concurrent writes: writes that arrive while a group is being written are the next group. So any number of writers cost
 * one sync, and one thread of libuv's pool, at a time. (LevelDB groups concurrent writers too, but at most four: as many as that
 * pool has threads.)
 */
export class WriteGroups {
  private waiting: Waiting[] = [];
  private isWriting = false;

  /** @param write writes a group, all or nothing */
  constructor(private readonly write: (operations: readonly Operation[]) => Promise<void>) {}

  /** Resolves when the group is written, or rejects with the error of `write`. Never splits the given operations. */
  add(operations: readonly Operation[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ operations, resolve, reject });
      if (!this.isWriting) void this.writeAll();
    });
  }

  private async writeAll(): Promise<void> {
    this.isWriting = true;
    while (this.waiting.length > 0) {
      const group = this.takeGroup();
      try {
        await this.write(group.flatMap(({ operations }) => operations));
        for (const { resolve } of group) resolve();
      } catch (thrown) {
        for (const { reject } of group) reject(thrown);
      }
    }
    this.isWriting = false;
  }

  private takeGroup(): readonly Waiting[] {
    let size = 0;
    const end = this.waiting.findIndex(({ operations }, index) => {
      size += operations.length;
      return index > 0 && size > MAX_OPERATIONS;
    });
    return this.waiting.splice(0, end === -1 ? this.waiting.length : end);
  }
}
