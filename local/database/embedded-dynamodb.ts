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
  /** Where the data is kept; its parent exists. Left out: in memory. */
  readonly directory?: string;
  /** Where the socket may go if the temporary directory cannot have it. Left out: nowhere else. */
  readonly socketFallback?: string;
  readonly tables: TableNames;
  /**
   * Called with the system's name of the reason, such as ENOSPC, when writes begin to fail, when the reason changes and
   * about once a minute meanwhile; and with undefined when it writes again.
   */
  readonly onStorageFailure?: (name: string | undefined) => void;
  /** How much LevelDB keeps in memory and log before it makes a table of it. Left out: what suits. */
  readonly writeBufferBytes?: number;
}

export interface EmbeddedDynamoDB {
  /** What createDynamoDBClient needs to reach it. */
  readonly connection: Required<Pick<DynamoDBClientOptions, 'region' | 'socketPath' | 'credentials'>>;
  /** Resolves, with one sentence, if it stops before `close` is called. Never rejects. */
  readonly failed: Promise<KeywardError>;
  /** Resolves once the database is closed and the socket is gone. A request that is under way may be cut off. */
  close(): Promise<void>;
}

const START_TIMEOUT_MS = 30_000;

const invalid = (message: string): KeywardError => new KeywardError('configuration_invalid', message);

/**
 * Starts a DynamoDB (dynalite) in a thread of this process and creates the tables that are missing. It listens on a
 * Unix domain socket in a directory that only this user can enter, and on nothing else, because dynalite checks no
 * signature: whoever can connect can do everything.
 *
 * Durability: an answer to a write is sent after the device has it (LevelDB's option `sync`, an fsync of its log, and one
 * of the directory when that has a new file). A killed process and a power cut lose nothing that was answered, as far as
 * the device keeps what it said it has. An item and its index entry are two writes: an end between them leaves an entry
 * without its item.
 *
 * While the medium refuses writes (full, read-only, failing) they are answered with 500, reads go on as far as they can,
 * and it writes again as soon as the medium takes it.
 *
 * The caller owns the directory (`ownDataDirectory`): nothing else in this process may open its files.
 *
 * @throws KeywardError `configuration_invalid`, one sentence, where the data is in use by another process or cannot be used
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
  /** Resolves if the thread ends although nobody stopped it. */
  readonly died: Promise<void>;
  /** Why nothing is written just now. */
  readonly storageFailure: () => string | undefined;
  stop(): Promise<void>;
}

/** @throws KeywardError `configuration_invalid` where the thread ends before it listens */
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
    // Without a listener an error in the thread would be an uncaught one here; `exit` follows it.
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

/** A thread that dies under the first requests would leave them to their timeouts. */
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
    // Whatever fails here ends the start with a sentence.
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
