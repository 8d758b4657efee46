import { parentPort, workerData } from 'node:worker_threads';
import { openDiskStore } from './disk-store';
import { DurableStore } from './durable-store';
import { giveToDynalite, newMemoryDatabase } from './level-modules';
import { storageFailureOf } from './storage-failure';

/** What the thread is started with. */
export interface WorkerInput {
  readonly socketPath: string;
  /** Left out: data lives in memory. */
  readonly directory: string | undefined;
  /** Left out: what suits. */
  readonly writeBufferBytes?: number;
}

/** What the thread reports. */
export type WorkerReport =
  | { readonly state: 'listening' }
  | { readonly state: 'refused'; readonly code: string }
  /** Nothing is written any more, for this reason; undefined: it is again. */
  | { readonly state: 'storage'; readonly failure: string | undefined };

const IDLE_CHECK_MS = 10;
const LONGEST_REQUEST_MS = 2_000;

const report = (message: WorkerReport): void => {
  parentPort?.postMessage(message);
};

// A client that goes away in the middle of its request makes dynalite throw; nothing has been done of it by then.
process.on('uncaughtException', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'ECONNRESET') throw error;
});

const openStore = async ({ directory, ...options }: WorkerInput): Promise<DurableStore> =>
  directory === undefined
    ? new DurableStore({
        database: newMemoryDatabase(),
        afterWrite: () => Promise.resolve(),
        probe: () => Promise.resolve(),
        sleep: () => Promise.resolve(),
        onFailure: () => undefined,
      })
    : openDiskStore({
        ...options,
        directory,
        onFailure: (failure) => {
          report({ state: 'storage', failure });
        },
      });

async function serve(input: WorkerInput): Promise<void> {
  giveToDynalite(await openStore(input));
  const { default: dynalite } = await import('dynalite');
  const server = dynalite({ createTableMs: 0 });
  // An idle connection that it ended by itself could be the one on which a request has just been sent.
  server.keepAliveTimeout = 0;
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
  server.listen(input.socketPath, () => {
    report({ state: 'listening' });
  });
}

serve(workerData as WorkerInput).catch((thrown: unknown) => {
  report({ state: 'refused', code: storageFailureOf(thrown) });
  process.exit();
});
