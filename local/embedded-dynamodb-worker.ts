import { parentPort, workerData } from 'node:worker_threads';
import dynalite from 'dynalite';
import { databaseErrorCode, repairDatabase } from './repair-database';

/** What the thread is started with. */
export interface WorkerInput {
  readonly socketPath: string;
  /** Left out: data lives in memory. */
  readonly directory: string | undefined;
}

/** What the thread reports. */
export type WorkerReport = { readonly state: 'listening' } | { readonly state: 'refused'; readonly code: string };

const IDLE_CHECK_MS = 10;
const LONGEST_REQUEST_MS = 2_000;

const report = (message: WorkerReport): void => {
  parentPort?.postMessage(message);
};

// A client that goes away in the middle of its request makes dynalite throw; nothing has been done of it by then.
process.on('uncaughtException', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'ECONNRESET') throw error;
});

async function serve({ socketPath, directory }: WorkerInput): Promise<void> {
  if (directory !== undefined) await repairDatabase(directory);
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

serve(workerData as WorkerInput).catch((thrown: unknown) => {
  report({ state: 'refused', code: databaseErrorCode(thrown) });
  process.exit();
});
