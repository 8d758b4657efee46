/** The rows of one table at one moment. */
export interface Rows<V> {
  get(key: string): V | undefined;
  /** In no particular order. */
  entries(): Iterable<readonly [string, V]>;
  set(key: string, value: V): void;
}

/**
 * A table as a store reaches it: each operation is a call, which may fail, and whose answer may be lost after the call was
 * carried out.
 */
export interface Table<V> {
  /** @param what the call's description in the trace: `get openai` */
  read<T>(what: string, take: (rows: Rows<V>) => T): Promise<T>;
  write<T>(what: string, take: (rows: Rows<V>) => T): Promise<T>;
}
