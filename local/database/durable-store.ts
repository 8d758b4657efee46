import type { Database, KeyRange, Operation, Rows } from './level-modules';
import { storageFailureOf } from './storage-failure';
import { WriteGroups } from './write-groups';

/** What dynalite calls to stream a range; it closes one by `return`, which abstract-level's own iterators lack. */
export interface ReturningRows {
  next(): Promise<unknown>;
  return(): Promise<void>;
}

export interface StoreOptions {
  /** Open already. */
  readonly database: Database;
  /** Runs after a group was written; the group is answered once it has resolved. */
  readonly afterWrite: (operations: number) => Promise<void>;
  /** Resolves where the medium takes writes again, as far as that can be tried beside the database. */
  readonly probe: () => Promise<void>;
  readonly sleep: (ms: number) => Promise<void>;
  /** Called when it begins to fail, when the reason changes, from time to time meanwhile, and with undefined at the end. */
  readonly onFailure: (name: string | undefined) => void;
}

/** What one read of a range takes from LevelDB at a time. */
const BLOCK_ROWS = 500;
const BLOCK_BYTES = 262_144;

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 2_000;
const REMIND_EVERY = 30;

/**
 * The database as dynalite uses it (in the place of `level`): every write is synced before it resolves, every iterator is
 * closed, and a failure of the medium is an answer of 500 and no end.
 *
 * After a write that failed nothing more is written until LevelDB was closed and opened again: its log may end in half a
 * record, behind which nothing would be found again. That is done once the medium takes writes; until then it still reads.
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

  /** Reads in blocks: a trip to the database for each row, or each 16 KiB of LevelDB's own, costs more than the row. */
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

  /** What was read from it meanwhile ends with an error; what was written before is read from the log and written anew. */
  private async reopen(): Promise<void> {
    if (this.isClosed) return;
    await this.deps.database.close();
    await this.deps.database.open();
  }
}

/**
 * dynalite answers with the status and body that an error carries, and ends its process by any other error. It prints an
 * error of a timer of its own, unless its text is like this one.
 */
function unavailable(): Error {
  const body = { __type: 'com.amazonaws.dynamodb.v20120810#InternalServerError', message: 'The store does not answer' };
  return Object.assign(new Error('Database is not open for this'), { statusCode: 500, body });
}
