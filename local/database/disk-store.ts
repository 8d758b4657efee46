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
  /** How much LevelDB keeps in memory and log before it writes a table of it. */
  readonly writeBufferBytes?: number;
  readonly onFailure: (name: string | undefined) => void;
}

/** An eighth of LevelDB's own: every start reads the log, and what is on the disk beside the live rows is multiples of it. */
const WRITE_BUFFER_BYTES = 524_288;
const PROBE_MARGIN_BYTES = 262_144;

/** @throws what LevelDB or the system throws where the directory cannot be used as a database */
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
 * Makes a new database under another name first: LevelDB does not sync its first manifest before it refers to it, and a power
 * cut in between would leave what cannot be opened.
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
 * Sees to it that the names of LevelDB's files are on the device: it syncs the directory when it writes its manifest, and
 * not when it begins another log, although POSIX promises the name of a file only with its directory's sync (fsync(2)).
 */
class SyncedDirectory {
  private changedAt = 0n;

  private constructor(private readonly handle: FileHandle | undefined) {}

  /** Windows does not open directories; NTFS keeps a journal of names. */
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

  /** Three microseconds, where a trip through libuv's pool is ten times that. */
  private modifiedAt(handle: FileHandle): bigint {
    return fstatSync(handle.fd, { bigint: true }).mtimeNs;
  }
}

const LOOK_EVERY_OPERATIONS = 250;
const SMALL_BYTES = 1_048_576;
/** Above it LevelDB's levels keep what was replaced within a tenth, and rewriting all would take long. */
const LARGE_BYTES = 256 * 1_048_576;
const GROWTH = 2;

/**
 * Rewrites the database without what was replaced, when it has doubled since the last time: LevelDB by itself keeps
 * several multiples of a small one.
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
    // What fails here fails in the next write, too, and is dealt with there.
    void this.tidy()
      .catch(() => undefined)
      .finally(() => {
        this.isAtWork = false;
      });
  }

  private async tidy(): Promise<void> {
    const bytes = await bytesOf(this.directory, () => true);
    if (bytes < SMALL_BYTES || bytes > LARGE_BYTES || bytes < this.bytesAfter * GROWTH) return;
    // Every key of dynalite begins with a small letter.
    await this.database.compactRange('a', '~');
    this.bytesAfter = await bytesOf(this.directory, () => true);
  }
}

/** Files may go at any time. */
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

/** Tries to write as much as opening the database again will: a table of all that stands in its logs. */
async function probe(directory: string): Promise<void> {
  await probeRoom(directory, (await bytesOf(directory, (name) => name.endsWith('.log'))) + PROBE_MARGIN_BYTES);
}
