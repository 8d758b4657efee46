import { fstatSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { syncDirectory, systemCode } from '../../lambdas/adapters/local/private-file';
import { probeRoom } from '../storage/probe-room';
import { DurableStore } from './durable-store';
import { newDiskDatabase, type DiskDatabase } from './level-modules';
import { removeUnfinishedTables } from './repair-database';

export interface DiskStoreOptions {
  readonly directory: string;
  /** Size of LevelDB's write buffer, in memory and log, at which it writes a table. */
  readonly writeBufferBytes?: number;
  readonly onFailure: (name: string | undefined) => void;
}

/** An eighth of LevelDB's default: every start reads the log, and the disk holds multiples of it beside the live rows. */
const WRITE_BUFFER_BYTES = 524_288;
const PROBE_MARGIN_BYTES = 262_144;

/** @throws errors of LevelDB or the system if the directory cannot be used as a database */
export async function openDiskStore(options: DiskStoreOptions): Promise<DurableStore> {
  const { directory, writeBufferBytes = WRITE_BUFFER_BYTES, onFailure } = options;
  if (!(await exists(directory))) await create(directory);
  const database = newDiskDatabase(directory, { writeBufferSize: writeBufferBytes });
  await database.open();
  await removeUnfinishedTables(database);
  const entries = await SyncedDirectory.open(directory);
  await entries.sync();
  const tidying = new Tidying(database, directory);
  return new DurableStore({
    database,
    afterWrite: async (operations) => {
      await entries.syncIfChanged();
      tidying.noteWritten(operations);
    },
    probe: () => probe(directory),
    sleep: (ms) => delay(ms),
    onFailure,
  });
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    (thrown: unknown) => {
      if (systemCode(thrown) === 'ENOENT') return false;
      throw thrown;
    },
  );

/**
 * Creates a new database under another name first: LevelDB does not sync its first manifest before it refers to it, so a power
 * cut in between would leave a database that cannot be opened.
 */
async function create(directory: string): Promise<void> {
  const unfinished = `${directory}-new`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  const database = newDiskDatabase(unfinished);
  await database.open();
  await database.close();
  await syncDirectory(unfinished);
  await rename(unfinished, directory);
  await syncDirectory(dirname(directory));
}

/**
 * Makes the names of LevelDB's files durable. LevelDB syncs the directory when it writes its manifest, but not when it begins
 * another log, although POSIX guarantees a file's name only after a sync of its directory (fsync(2)).
 */
class SyncedDirectory {
  private changedAt = 0n;

  private constructor(private readonly handle: FileHandle | undefined) {}

  /** Windows does not open directories; NTFS journals file names. */
  static async open(path: string): Promise<SyncedDirectory> {
    return new SyncedDirectory(process.platform === 'win32' ? undefined : await open(path, 'r'));
  }

  async sync(): Promise<void> {
    if (this.handle === undefined) return;
    this.changedAt = this.modifiedAt(this.handle);
    await this.handle.sync();
  }

  async syncIfChanged(): Promise<void> {
    if (this.handle !== undefined && this.modifiedAt(this.handle) !== this.changedAt) await this.sync();
  }

  /** Takes three microseconds; a trip through libuv's pool takes ten times that. */
  private modifiedAt(handle: FileHandle): bigint {
    return fstatSync(handle.fd, { bigint: true }).mtimeNs;
  }
}

const LOOK_EVERY_OPERATIONS = 250;
const SMALL_BYTES = 1_048_576;
/** Above this size LevelDB's levels keep replaced data within a tenth, and rewriting everything would take long. */
const LARGE_BYTES = 256 * 1_048_576;
const GROWTH = 2;

/**
 * Rewrites the database without replaced data when its size has doubled since the last time: LevelDB by itself keeps several
 * multiples of a small database.
 */
class Tidying {
  private operations = 0;
  private isAtWork = false;
  private bytesAfter = 0;

  constructor(
    private readonly database: DiskDatabase,
    private readonly directory: string,
  ) {}

  noteWritten(operations: number): void {
    this.operations += operations;
    if (this.operations < LOOK_EVERY_OPERATIONS || this.isAtWork) return;
    this.operations = 0;
    this.isAtWork = true;
    // A failure here also fails the next write, which handles it.
    void this.tidy()
      .catch(() => undefined)
      .finally(() => {
        this.isAtWork = false;
      });
  }

  private async tidy(): Promise<void> {
    const bytes = await bytesOf(this.directory, () => true);
    if (bytes < SMALL_BYTES || bytes > LARGE_BYTES || bytes < this.bytesAfter * GROWTH) return;
    // Every key of dynalite begins with a lower-case letter.
    await this.database.compactRange('a', '~');
    this.bytesAfter = await bytesOf(this.directory, () => true);
  }
}

/** Files may disappear at any time. */
async function bytesOf(directory: string, isWanted: (name: string) => boolean): Promise<number> {
  const names = (await readdir(directory)).filter(isWanted);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(directory, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Writes as much as reopening the database will: a table of everything in its logs. */
async function probe(directory: string): Promise<void> {
  await probeRoom(directory, (await bytesOf(directory, (name) => name.endsWith('.log'))) + PROBE_MARGIN_BYTES);
}
