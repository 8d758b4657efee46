import { createRequire } from 'node:module';

export type Operation =
  | { readonly type: 'put'; readonly key: string; readonly value: unknown }
  | { readonly type: 'del'; readonly key: string };

/** What a range of keys is read by. `limit` is -1 for all. */
export interface KeyRange {
  readonly gte?: string;
  readonly gt?: string;
  readonly lte?: string;
  readonly lt?: string;
  readonly reverse?: boolean;
  readonly limit?: number;
  /** After so many bytes {@link Rows.nextv} returns what it has. */
  readonly highWaterMarkBytes?: number;
}

export interface Rows {
  /** At most so many of the next keys or values, in one trip to the database; none at the end. */
  nextv(size: number): Promise<readonly unknown[]>;
  /** The next key or value; undefined at the end. */
  next(): Promise<unknown>;
  close(): Promise<void>;
}

/** The part of abstract-level's databases that is used here. A closed one can be opened again. */
export interface Database {
  open(): Promise<void>;
  close(): Promise<void>;
  /** Undefined where there is none. */
  get(key: string): Promise<unknown>;
  /** All or nothing. With `sync` it resolves once the device has it. */
  batch(operations: readonly Operation[], options: { readonly sync: boolean }): Promise<void>;
  keys(range?: KeyRange): Rows;
  values(range?: KeyRange): Rows;
}

/** LevelDB. */
export interface DiskDatabase extends Database {
  /** Rewrites what lies in a range, without what was replaced or deleted in it. */
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

/** A LevelDB that is not open yet, by the very module that dynalite uses. */
export const newDiskDatabase = (directory: string, options: Omit<LevelOptions, 'valueEncoding'> = {}): DiskDatabase =>
  new ClassicLevel(directory, { valueEncoding: 'json', ...options });

export function newMemoryDatabase(): Database {
  const { MemoryLevel } = requireOfDynalite('memory-level') as {
    MemoryLevel: new (options: LevelOptions) => Database;
  };
  return new MemoryLevel({ valueEncoding: 'json' });
}

/**
 * Makes every dynalite that is loaded after this use `store` in place of a database that it opens itself. It takes the
 * constructors from these two modules when it is loaded.
 */
export function giveToDynalite(store: object): void {
  // A constructor that returns an object gives that one.
  const Given = function (): object {
    return store;
  };
  (requireOfDynalite('level') as LevelModule).Level = Given;
  (requireOfDynalite('memory-level') as MemoryLevelModule).MemoryLevel = Given;
}
