import { parentPort, workerData } from 'node:worker_threads';
import { openDiskStore } from './disk-store';
import { DurableStore } from './durable-store';
import { giveToDynalite, newMemoryDatabase } from './level-modules';
import { storageFailureOf } from './storage-failure';

/** Input of the thread. */
export interface WorkerInput {
  readonly socketPath: string;
  /** Left out: data is kept in memory. */
  readonly directory: string | undefined;
  /** Left out: the default. */
  readonly writeBufferBytes?: number;
}

/** A report of the thread. */
export type WorkerReport =
  | { readonly state: 'listening' }
  | { readonly state: 'refused'; readonly code: string }
  /** The reason why writes fail; undefined: they succeed again. */
  | { readonly state: 'storage'; readonly failure: string | undefined };

const IDLE_CHECK_MS = 10;
const LONGEST_REQUEST_MS = 2_000;

const report = (message: WorkerReport): void => {
  parentPort?.postMessage(message);
};

// A client that disconnects during its request makes dynalite throw; nothing of the request has been done by then.
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
  // A new request could arrive on an idle connection just when the server ends it.
  server.keepAliveTimeout = 0;
  parentPort?.once('message', () => {
    server.close(() => process.exit());
    // A kept-alive connection, or half a request, would delay the end.
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
