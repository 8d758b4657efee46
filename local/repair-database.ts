import { createRequire } from 'node:module';

/** The part of `level`, dynalite's own database, that is used here. */
interface Level {
  open(): Promise<void>;
  close(): Promise<void>;
  iterator(range: { gte: string; lt: string }): AsyncIterable<[key: string, table: { TableStatus?: string }]>;
  del(key: string): Promise<void>;
}
interface LevelModule {
  readonly Level: new (directory: string, options: { valueEncoding: 'json' }) => Level;
}

/**
 * Opens and closes dynalite's database before dynalite does, which hides why it cannot. A table that a SIGKILL left in
 * CREATING would stay so for ever, because dynalite ends that state by a timer of the process that began it. Until then
 * it takes no item, so the table is empty; it is removed, to be created again.
 *
 * @throws what `level` throws; {@link databaseErrorCode} names it
 */
export async function repairDatabase(directory: string): Promise<void> {
  const { Level } = createRequire(require.resolve('dynalite'))('level') as LevelModule;
  const database = new Level(directory, { valueEncoding: 'json' });
  await database.open();
  for await (const [key, { TableStatus }] of database.iterator({ gte: 'table~', lt: 'table\x7f' })) {
    if (TableStatus === 'CREATING') await database.del(key);
  }
  await database.close();
}

/** LevelDB's or the operating system's name of what went wrong, such as LEVEL_LOCKED: the innermost cause has it. */
export function databaseErrorCode(thrown: unknown): string {
  const { code, cause } = Object(thrown) as { code?: unknown; cause?: unknown };
  return cause === undefined ? String(code) : databaseErrorCode(cause);
}
