import type { Database, KeyRange, Operation, Rows } from './level-modules';
import { storageFailureOf } from './storage-failure';
import { WriteGroups } from './write-groups';

/** The iterator with which dynalite streams a range; it closes one by `return`, which abstract-level's own iterators lack. */
export interface ReturningRows {
  next(): Promise<unknown>;
  return(): Promise<void>;
}

export interface StoreOptions {
  /** An open database. */
  readonly database: Database;
  /** Runs after a group is written; the group is answered when it has resolved. */
  readonly afterWrite: (operations: number) => Promise<void>;
  /** Resolves if the medium accepts writes again, as far as that can be tested beside the database. */
  readonly probe: () => Promise<void>;
  readonly sleep: (ms: number) => Promise<void>;
  /**
   * Called when writes begin to fail, when the reason changes, periodically while they fail, and with undefined when they succeed
   * again.
   */
  readonly onFailure: (name: string | undefined) => void;
}

/** Number of rows that one read of a range takes from LevelDB. */
const BLOCK_ROWS = 500;
const BLOCK_BYTES = 262_144;

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 2_000;
const REMIND_EVERY = 30;

/**
 * The database as dynalite uses it (in place of `level`). Every write is synced before it resolves, every iterator is closed, and
 * a failure of the medium is answered with 500 and does not end the process.
 *
 * After a failed write nothing is written until LevelDB has been closed and reopened: its log may end in half a record, and
 * records behind that would not be found. The reopening happens when the medium accepts writes again; reads continue until then.
 */
export class DurableStore {
  private readonly groups = new WriteGroups((operations) => this.write(operations));
  private failure: string | undefined;
  private reopening: Promise<void> | undefined;
  private isClosed = false;

  constructor(private readonly deps: StoreOptions) {}

  async get(key: string): Promise<unknown> {
    try {
      await this.reopening;
      return await this.deps.database.get(key);
    } catch {
      throw unavailable();
    }
  }

  put(key: string, value: unknown): Promise<void> {
    return this.groups.add([{ type: 'put', key, value }]);
  }

  del(key: string): Promise<void> {
    return this.groups.add([{ type: 'del', key }]);
  }

  batch(operations: readonly Operation[]): Promise<void> {
    return this.groups.add(operations);
  }

  keys(range: KeyRange = {}): ReturningRows {
    return this.rows(range, (database, inBlocks) => database.keys(inBlocks));
  }

  values(range: KeyRange = {}): ReturningRows {
    return this.rows(range, (database, inBlocks) => database.values(inBlocks));
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.reopening?.catch(() => undefined);
    await this.deps.database.close();
  }

  /** Reads in blocks: a trip to the database for each row, or for each 16 KiB as LevelDB does by itself, costs more than the row. */
  private rows(range: KeyRange, open: (database: Database, range: KeyRange) => Rows): ReturningRows {
    const { limit = -1 } = range;
    const size = limit < 0 ? BLOCK_ROWS : Math.min(limit, BLOCK_ROWS);
    let rows: Rows | undefined;
    let block: readonly unknown[] = [];
    let position = 0;
    let isDone = false;
    const end = async (): Promise<void> => {
      if (isDone) return;
      isDone = true;
      block = [];
      await rows?.close();
    };
    return {
      next: async () => {
        if (isDone) return undefined;
        if (position < block.length) return block[position++];
        try {
          await this.reopening;
          rows ??= open(this.deps.database, { ...range, highWaterMarkBytes: BLOCK_BYTES });
          block = await rows.nextv(size);
          position = 1;
          return block[0];
        } catch {
          await end();
          throw unavailable();
        }
      },
      return: end,
    };
  }

  private async write(operations: readonly Operation[]): Promise<void> {
    if (this.failure !== undefined) throw unavailable();
    try {
      await this.deps.database.batch(operations, { sync: true });
      await this.deps.afterWrite(operations.length);
    } catch (thrown) {
      this.fail(storageFailureOf(thrown));
      throw unavailable();
    }
  }

  private fail(name: string): void {
    this.failure = name;
    this.deps.onFailure(name);
    void this.recover();
  }

  private async recover(): Promise<void> {
    for (let tries = 1; !this.isClosed; tries += 1) {
      await this.deps.sleep(Math.min(FIRST_PAUSE_MS * tries, LONGEST_PAUSE_MS));
      try {
        await this.deps.probe();
        this.reopening = this.reopen();
        await this.reopening;
        this.failure = undefined;
        this.deps.onFailure(undefined);
        return;
      } catch (thrown) {
        const name = storageFailureOf(thrown);
        if (name !== this.failure || tries % REMIND_EVERY === 0) this.deps.onFailure(name);
        this.failure = name;
      } finally {
        this.reopening = undefined;
      }
    }
  }

  /** Iterators that are open meanwhile end with an error. Earlier writes are read from the log and written again. */
  private async reopen(): Promise<void> {
    if (this.isClosed) return;
    await this.deps.database.close();
    await this.deps.database.open();
  }
}

/**
 * dynalite answers with the status and body of such an error, and ends its process on any other. It prints an error of its own
 * timers, unless the text is like this one.
 */
function unavailable(): Error {
  const body = { __type: 'com.amazonaws.dynamodb.v20120810#InternalServerError', message: 'The store does not answer' };
  return Object.assign(new Error('Database is not open for this'), { statusCode: 500, body });
}
