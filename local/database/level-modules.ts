import { createRequire } from 'node:module';

export type Operation =
  | { readonly type: 'put'; readonly key: string; readonly value: unknown }
  | { readonly type: 'del'; readonly key: string };

/** A range of keys to read. `limit` is -1 for all. */
export interface KeyRange {
  readonly gte?: string;
  readonly gt?: string;
  readonly lte?: string;
  readonly lt?: string;
  readonly reverse?: boolean;
  readonly limit?: number;
  /** Number of bytes after which {@link Rows.nextv} returns. */
  readonly highWaterMarkBytes?: number;
}

export interface Rows {
  /** Returns at most `size` of the next keys or values, in one trip to the database; none at the end. */
  nextv(size: number): Promise<readonly unknown[]>;
  /** Returns the next key or value; undefined at the end. */
  next(): Promise<unknown>;
  close(): Promise<void>;
}

/** The used part of abstract-level's databases. A closed database can be opened again. */
export interface Database {
  open(): Promise<void>;
  close(): Promise<void>;
  /** Returns undefined if the key does not exist. */
  get(key: string): Promise<unknown>;
  /** Writes all or nothing. With `sync` it resolves when the device has the data. */
  batch(operations: readonly Operation[], options: { readonly sync: boolean }): Promise<void>;
  keys(range?: KeyRange): Rows;
  values(range?: KeyRange): Rows;
}

/** LevelDB. */
export interface DiskDatabase extends Database {
  /** Rewrites a range without its replaced or deleted data. */
  compactRange(start: string, end: string): Promise<void>;
}

interface LevelOptions {
  readonly valueEncoding: 'json';
  readonly writeBufferSize?: number;
  readonly cacheSize?: number;
}

interface ClassicLevel {
  readonly ClassicLevel: new (directory: string, options: LevelOptions) => DiskDatabase;
}
interface LevelModule {
  Level: unknown;
}
interface MemoryLevelModule {
  MemoryLevel: unknown;
}

const requireOfDynalite = createRequire(require.resolve('dynalite'));
const requireOfLevel = createRequire(requireOfDynalite.resolve('level'));
const { ClassicLevel } = requireOfLevel('classic-level') as ClassicLevel;

/** Returns a LevelDB that is not open yet, of the same module that dynalite uses. */
export const newDiskDatabase = (directory: string, options: Omit<LevelOptions, 'valueEncoding'> = {}): DiskDatabase =>
  new ClassicLevel(directory, { valueEncoding: 'json', ...options });

export function newMemoryDatabase(): Database {
  const { MemoryLevel } = requireOfDynalite('memory-level') as {
    MemoryLevel: new (options: LevelOptions) => Database;
  };
  return new MemoryLevel({ valueEncoding: 'json' });
}

/**
 * Makes every dynalite that is loaded later use `store` in place of a database that it opens itself. dynalite takes the
 * constructors from these two modules when it is loaded.
 */
export function giveToDynalite(store: object): void {
  // `new` returns the object that a constructor returns.
  const Given = function (): object {
    return store;
  };
  (requireOfDynalite('level') as LevelModule).Level = Given;
  (requireOfDynalite('memory-level') as MemoryLevelModule).MemoryLevel = Given;
}
