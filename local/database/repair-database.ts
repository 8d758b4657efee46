import type { Database } from './level-modules';

/**
 * Removes tables that a SIGKILL left in CREATING, so that they can be created again. They would stay in that state, because
 * dynalite ends it by a timer of the process that began it. They are empty, because a table in CREATING accepts no items.
 *
 * @param database open, and not in use by dynalite yet
 */
export async function removeUnfinishedTables(database: Database): Promise<void> {
  const range = { gte: 'table~', lt: 'table\x7f' };
  const keys = await all<string>(database.keys(range));
  const tables = await all<{ TableStatus?: string }>(database.values(range));
  const unfinished = keys.filter((_, index) => tables[index]?.TableStatus === 'CREATING');
  if (unfinished.length === 0) return;
  await database.batch(
    unfinished.map((key) => ({ type: 'del', key })),
    { sync: true },
  );
}

async function all<T>(rows: ReturnType<Database['keys']>): Promise<T[]> {
  try {
    const found: T[] = [];
    for (let row = await rows.next(); row !== undefined; row = await rows.next()) found.push(row as T);
    return found;
  } finally {
    await rows.close();
  }
}
