import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import dynalite from 'dynalite';

/** What the thread is started with. */
export interface WorkerInput {
  readonly socketPath: string;
  /** Left out: data lives in memory. */
  readonly directory: string | undefined;
}

/** What the thread reports; `code` is LevelDB's or the operating system's name of what went wrong. */
export type WorkerReport = { readonly state: 'listening' } | { readonly state: 'refused'; readonly code: string };

/** The part of `level`, dynalite's own database, that is used here. */
interface Level {
  open(): Promise<void>;
  close(): Promise<void>;
  iterator(range: { gte: string; lt: string }): AsyncIterable<[key: string, value: { TableStatus?: string }]>;
  del(key: string): Promise<void>;
}
type LevelModule = { Level: new (directory: string, options: { valueEncoding: 'json' }) => Level };

const IDLE_CHECK_MS = 10;
const LONGEST_REQUEST_MS = 2_000;

const { socketPath, directory } = workerData as WorkerInput;

/**
 * Opens and closes the database once before dynalite does, which hides why it cannot. A table that a SIGKILL left in
 * CREATING would stay so for ever: dynalite ends that state by a timer of the process that began it, and until then
 * takes no item for it. Such a table is empty and is removed, to be created again.
 */
async function repair(path: string): Promise<void> {
  const { Level } = createRequire(require.resolve('dynalite'))('level') as LevelModule;
  const database = new Level(path, { valueEncoding: 'json' });
  await database.open();
  for await (const [key, table] of database.iterator({ gte: 'table~', lt: 'table\x7f' })) {
    if (table.TableStatus === 'CREATING') await database.del(key);
  }
  await database.close();
}

const report = (message: WorkerReport): void => {
  parentPort?.postMessage(message);
};

async function serve(): Promise<void> {
  if (directory !== undefined) await repair(directory);
  const server = dynalite({ createTableMs: 0, ...(directory !== undefined && { path: directory }) });
  parentPort?.once('message', () => {
    server.close(() => process.exit());
    // A connection that a client keeps open for its next request would hold the end up, and so would half a request.
    setInterval(() => {
      server.closeIdleConnections();
    }, IDLE_CHECK_MS);
    setTimeout(() => {
      server.closeAllConnections();
    }, LONGEST_REQUEST_MS);
  });
  server.listen(socketPath, () => {
    report({ state: 'listening' });
  });
}

/** The open error of LevelDB is the cause of what is thrown. */
function codeOf(thrown: unknown): string {
  const { code, cause } = Object(thrown) as { code?: unknown; cause?: unknown };
  return cause === undefined ? String(code) : codeOf(cause);
}

serve().catch((thrown: unknown) => {
  report({ state: 'refused', code: codeOf(thrown) });
  process.exit();
});
