import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { createDynamoDBClient, type DynamoDBClientOptions } from '../lambdas/adapters/aws/dynamodb-client';
import type { TableNames } from '../lambdas/adapters/aws/dynamodb-tables';
import { badFile, systemCode } from '../lambdas/adapters/local/private-file';
import { KeywardError } from '../lambdas/core/domain/errors';
import { createMissingTables } from './create-missing-tables';
import type { WorkerInput, WorkerReport } from './embedded-dynamodb-worker';

export interface EmbeddedDynamoDBOptions {
  /** Where the data is kept; its parent exists. Left out: in memory. */
  readonly directory?: string;
  readonly tables: TableNames;
}

export interface EmbeddedDynamoDB {
  /** What createDynamoDBClient needs to reach it. */
  readonly connection: Required<Pick<DynamoDBClientOptions, 'region' | 'socketPath' | 'credentials'>>;
  /** Resolves, with one sentence, if it stops before `close` is called. Never rejects. */
  readonly failed: Promise<KeywardError>;
  /** Resolves once the database is closed and the socket is gone. A request that is under way may be cut off. */
  close(): Promise<void>;
}

/** The shortest limit of any system for a socket's path: 104 bytes with the terminating zero, on macOS. */
const MAX_SOCKET_PATH_BYTES = 103;
const START_TIMEOUT_MS = 30_000;

const invalid = (message: string): KeywardError => new KeywardError('configuration_invalid', message);

/**
 * Starts a DynamoDB (dynalite) in a thread of this process and creates the tables that are missing. It listens on a
 * Unix domain socket in a directory that only this user can enter, and on nothing else, because dynalite checks no
 * signature: whoever can connect can do everything.
 *
 * Durability: an answer is sent after LevelDB has written its log to the operating system (its option `sync` is false).
 * A killed process, also by SIGKILL, loses nothing that was answered; a crash of the system or a power cut may lose the
 * last writes. An item and its index entry are two writes: a kill between them leaves an entry without its item.
 *
 * @throws KeywardError `configuration_invalid`, one sentence, where the data is in use by another process or cannot be used
 */
export async function startEmbeddedDynamoDB(options: EmbeddedDynamoDBOptions): Promise<EmbeddedDynamoDB> {
  const { directory, tables } = options;
  if (directory !== undefined) await makeDirectory(directory);
  // mkdtemp gives mode 0700.
  const socketDirectory = await mkdtemp(join(tmpdir(), 'keyward-'));
  const removeAtExit = (): void => {
    rmSync(socketDirectory, { recursive: true, force: true });
  };
  process.once('exit', removeAtExit);
  const removeSocket = async (): Promise<void> => {
    process.removeListener('exit', removeAtExit);
    await rm(socketDirectory, { recursive: true, force: true });
  };
  try {
    const socketPath = join(socketDirectory, 'dynamodb');
    if (Buffer.byteLength(socketPath) > MAX_SOCKET_PATH_BYTES) {
      throw invalid('the path of the temporary directory is too long for a socket; set TMPDIR to a shorter one');
    }
    const worker = await startWorker({ socketPath, directory });
    const connection = {
      region: 'us-east-1',
      socketPath,
      credentials: { accessKeyId: 'embedded', secretAccessKey: 'embedded-and-not-checked' },
    };
    await createTables(connection, tables, worker);
    return {
      connection,
      failed: worker.died.then(async () => {
        await removeSocket();
        return invalid('the embedded DynamoDB stopped unexpectedly');
      }),
      close: async () => {
        await worker.stop();
        await removeSocket();
      },
    };
  } catch (thrown) {
    await removeSocket();
    throw thrown;
  }
}

async function makeDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { mode: 0o700 });
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw unusable(directory, systemCode(error));
  }
}

const unusable = (directory: string, code: string): KeywardError =>
  code === 'LEVEL_LOCKED'
    ? badFile(directory, 'is in use by another process')
    : badFile(directory, `cannot be used as a database (${code})`);

interface RunningWorker {
  /** Resolves if the thread ends although nobody stopped it. */
  readonly died: Promise<void>;
  stop(): Promise<void>;
}

/** @throws KeywardError `configuration_invalid` where the thread ends before it listens */
async function startWorker(input: WorkerInput): Promise<RunningWorker> {
  const worker = new Worker(join(__dirname, 'embedded-dynamodb-worker.ts'), {
    execArgv: ['--require', require.resolve('tsx/cjs')],
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
  const report = await Promise.race([
    new Promise<WorkerReport>((resolve) => worker.once('message', resolve)),
    ended.then((): WorkerReport => ({ state: 'refused', code: 'the thread ended' })),
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
    await createMissingTables(client, tables);
  } catch {
    await worker.stop();
    throw invalid('the embedded DynamoDB could not create its tables');
  } finally {
    client.destroy();
  }
}
