/** The rows of one table as they are at one moment. */
export interface Rows<V> {
  get(key: string): V | undefined;
  /** In no particular order. */
  entries(): Iterable<readonly [string, V]>;
  set(key: string, value: V): void;
}

/**
 * A table as a store reaches it: whatever it does there is a call, which may fail, and of which the answer may be lost after it was
 * carried out.
 */
export interface Table<V> {
  /** @param what for whoever follows what happens: `get openai` */
  read<T>(what: string, take: (rows: Rows<V>) => T): Promise<T>;
  write<T>(what: string, take: (rows: Rows<V>) => T): Promise<T>;
}
