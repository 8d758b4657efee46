import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { LOCAL_REGION } from '../../lambdas/core/contract/local-mode';
import type { TableNames } from '../../lambdas/core/contract/tables';
import { ROOT } from '../../compile/root';
import { createDynamoDBClient, type DynamoDBClientOptions } from '../../lambdas/adapters/aws/dynamodb/dynamodb-client';
import { badFile } from '../../lambdas/adapters/local/private-file';
import { KeywardError } from '../../lambdas/core/errors/errors';
import { createMissingTables } from './create-missing-tables';
import type { WorkerInput, WorkerReport } from './embedded-dynamodb-worker';
import { makeSocketDirectory } from './socket-directory';

export interface EmbeddedDynamoDBOptions {
  /** Directory of the database; its parent exists. Left out: data is kept in memory. */
  readonly directory?: string;
  /** Directory for the socket if the temporary directory cannot hold it. Left out: none. */
  readonly socketFallback?: string;
  readonly tables: TableNames;
  /**
   * Called with the system's name of the reason, such as ENOSPC, when writes begin to fail, when the reason changes and about
   * once a minute meanwhile; with undefined when writes succeed again.
   */
  readonly onStorageFailure?: (name: string | undefined) => void;
  /** Size of LevelDB's write buffer, in memory and log, at which it writes a table. Left out: the default. */
  readonly writeBufferBytes?: number;
}

export interface EmbeddedDynamoDB {
  /** Connection options for createDynamoDBClient. */
  readonly connection: Required<Pick<DynamoDBClientOptions, 'region' | 'socketPath' | 'credentials'>>;
  /** Resolves with an error of one sentence if the database stops before `close` is called. Never rejects. */
  readonly failed: Promise<KeywardError>;
  /** Resolves when the database is closed and the socket is removed. A request in flight may be cut off. */
  close(): Promise<void>;
}

const START_TIMEOUT_MS = 30_000;

const invalid = (message: string): KeywardError => new KeywardError('configuration_invalid', message);

/**
 * Starts a DynamoDB (dynalite) in a thread of this process and creates the missing tables. It listens only on a Unix domain
 * socket in a directory that only this user can enter, because dynalite checks no signature: every client that connects has full
 * access.
 *
 * Durability: a write is answered after the device has it (LevelDB's option `sync`, an fsync of its log, and one of the directory
 * if that has a new file). A killed process and a power cut lose no answered write, as far as the device keeps what it has
 * confirmed. An item and its index entry are two writes: a crash between them leaves an entry without its item.
 *
 * While the medium refuses writes (full, read-only, failing) they are answered with 500 and reads continue as far as possible.
 * Writes succeed again as soon as the medium accepts them.
 *
 * The caller owns the directory (`ownDataDirectory`): nothing else in this process may open its files.
 *
 * @throws KeywardError `configuration_invalid`, one sentence, if the data is in use by another process or cannot be used
 */
export async function startEmbeddedDynamoDB(options: EmbeddedDynamoDBOptions): Promise<EmbeddedDynamoDB> {
  const { directory, tables, writeBufferBytes } = options;
  const socket = await makeSocketDirectory(options.socketFallback);
  try {
    const { socketPath } = socket;
    const input = { socketPath, directory, ...(writeBufferBytes !== undefined && { writeBufferBytes }) };
    const worker = await startWorker(input, options.onStorageFailure);
    const connection = {
      region: LOCAL_REGION,
      socketPath,
      credentials: { accessKeyId: 'embedded', secretAccessKey: 'embedded-and-not-checked' },
    };
    await createTables(connection, tables, worker, directory);
    return {
      connection,
      failed: worker.died.then(async () => {
        await socket.remove();
        return invalid('the embedded DynamoDB stopped unexpectedly');
      }),
      close: async () => {
        await worker.stop();
        await socket.remove();
      },
    };
  } catch (thrown) {
    await socket.remove();
    throw thrown;
  }
}

const unusable = (directory: string, code: string): KeywardError =>
  code === 'LEVEL_LOCKED'
    ? badFile(directory, 'is in use by another process')
    : badFile(directory, `cannot be used as a database (${code})`);

interface RunningWorker {
  /** Resolves if the thread ends without having been stopped. */
  readonly died: Promise<void>;
  /** The reason why writes fail at present. */
  readonly storageFailure: () => string | undefined;
  stop(): Promise<void>;
}

/** @throws KeywardError `configuration_invalid` if the thread ends before it listens */
async function startWorker(
  input: WorkerInput,
  onStorageFailure: (name: string | undefined) => void = () => undefined,
): Promise<RunningWorker> {
  const worker = new Worker(join(ROOT, 'local/database/embedded-dynamodb-worker.cjs'), {
    execArgv: [],
    workerData: input,
  });
  let stopping = false;
  const ended = new Promise<void>((resolve) => {
    // Without a listener an error in the thread would be uncaught here; `exit` follows it.
    worker.on('error', () => undefined);
    worker.once('exit', () => {
      resolve();
    });
  });
  let storageFailure: string | undefined;
  const report = await Promise.race([
    new Promise<Exclude<WorkerReport, { state: 'storage' }>>((resolve) => {
      worker.on('message', (message: WorkerReport) => {
        if (message.state !== 'storage') {
          resolve(message);
          return;
        }
        storageFailure = message.failure;
        onStorageFailure(storageFailure);
      });
    }),
    ended.then(() => ({ state: 'refused', code: 'the thread ended' }) as const),
  ]);
  if (report.state === 'refused') {
    await ended;
    throw input.directory === undefined
      ? invalid(`the embedded DynamoDB could not be started (${report.code})`)
      : unusable(input.directory, report.code);
  }
  return {
    died: new Promise((resolve) => {
      void ended.then(() => {
        if (!stopping) resolve();
      });
    }),
    storageFailure: () => storageFailure,
    stop: async () => {
      stopping = true;
      worker.postMessage('stop');
      await ended;
    },
  };
}

/** If the thread dies during the first requests, they would wait for their timeouts. */
async function createTables(
  connection: EmbeddedDynamoDB['connection'],
  tables: TableNames,
  worker: RunningWorker,
  directory: string | undefined,
): Promise<void> {
  const client = createDynamoDBClient({
    ...connection,
    requestTimeoutMs: START_TIMEOUT_MS,
    connectionTimeoutMs: START_TIMEOUT_MS,
    maxAttempts: 1,
    // Every failure here ends the start with a sentence.
    failures: { note: () => undefined },
  });
  try {
    await createMissingTables(client, tables, () => {
      const failure = worker.storageFailure();
      if (failure !== undefined) throw new Error(failure);
    });
  } catch {
    const failure = worker.storageFailure();
    await worker.stop();
    throw directory === undefined || failure === undefined
      ? invalid('the embedded DynamoDB could not create its tables')
      : badFile(directory, `cannot be written (${failure})`);
  } finally {
    client.destroy();
  }
}
