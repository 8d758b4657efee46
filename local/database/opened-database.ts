import { statSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding } from '../storage/finding';
import { LiveDatabaseFiles } from './live-database-files';
import { identityOf, OpenedDirectory } from '../storage/opened-directory';

const GONE: Finding = {
  message:
    'the database that was opened is no longer at its path in the data directory, and nothing is stored or answered: put it back where it was, or stop the server, restore the data directory from a backup, and start again',
  stops: 'storing',
};
const INCOMPLETE: Finding = {
  message:
    'files of the database were removed or changed in the data directory, and nothing is stored or answered: stop the server, restore the data directory from a backup, and start again',
  stops: 'storing',
};
const READ_ONLY: Finding = {
  message:
    'the database in the data directory has turned read-only, and nothing more is sealed: mount it for writing, or set the mode of dynamodb to 0700',
  stops: 'sealing',
};

/**
 * The files of the running database, compared with the files at their paths. LevelDB holds its files open, and would continue to
 * write to files that are no longer at their paths.
 *
 * `LOCK` is never opened: closing any descriptor of it would release LevelDB's lock.
 */
export class OpenedDatabase {
  private readonly logs = new Map<string, { readonly identity: string; readonly size: bigint }>();
  private live: LiveDatabaseFiles | undefined;

  private constructor(
    private readonly directory: OpenedDirectory,
    private readonly lock: string,
    private readonly lockIdentity: string,
  ) {}

  /** Call it after the database is open. @throws KeywardError `configuration_invalid` if it is not there */
  static async open(path: string): Promise<OpenedDatabase> {
    const directory = await OpenedDirectory.open(path);
    const lock = join(path, 'LOCK');
    return new OpenedDatabase(directory, lock, identityOf(await stat(lock, { bigint: true })));
  }

  /** Whether new writes will be found under the database's path. Takes microseconds, and is meant for every write. */
  get isInPlace(): boolean {
    try {
      return identityOf(statSync(this.lock, { bigint: true })) === this.lockIdentity;
    } catch {
      return false;
    }
  }

  /** Checks all files. Never rejects. */
  async inspect(): Promise<readonly Finding[]> {
    const { isSame, isWritable } = await this.directory.look();
    if (!isSame || !this.isInPlace) return [GONE];
    // Files are created and deleted during a check: a file counts as missing if two checks miss it.
    if (!(await this.isComplete()) && !(await this.isComplete())) return [INCOMPLETE];
    return isWritable ? [] : [READ_ONLY];
  }

  close(): Promise<void> {
    return this.directory.close();
  }

  private async isComplete(): Promise<boolean> {
    const { path } = this.directory;
    try {
      const manifest = (await readFile(join(path, 'CURRENT'), 'utf8')).trim();
      if (this.live?.manifest !== manifest) this.live = new LiveDatabaseFiles(path, manifest);
      const tables = await this.live.read();
      const names = new Set(await readdir(path));
      const isThere = (table: number): boolean => {
        const name = String(table).padStart(6, '0');
        return names.has(`${name}.ldb`) || names.has(`${name}.sst`);
      };
      return [...tables].every(isThere) && (await this.hasItsLog([...names].filter((name) => /^\d+\.log$/.test(name))));
    } catch {
      return false;
    }
  }

  /** A log only grows. LevelDB begins a new log in a new file, and always has one. */
  private async hasItsLog(names: readonly string[]): Promise<boolean> {
    for (const name of this.logs.keys()) if (!names.includes(name)) this.logs.delete(name);
    for (const name of names) {
      const found = await stat(join(this.directory.path, name), { bigint: true });
      const known = this.logs.get(name);
      if (known !== undefined && (known.identity !== identityOf(found) || known.size > found.size)) return false;
      this.logs.set(name, { identity: identityOf(found), size: found.size });
    }
    return names.length > 0;
  }
}
