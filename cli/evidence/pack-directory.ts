import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { usageError, type CliError } from '../io/cli-error';
import { orNotWritten } from '../io/or-not-written';
import { pathExists } from '../io/path-exists';
import { syncDirectory } from '../io/sync-directory';
import { systemCode } from '../io/system-code';
import { PackFile } from './pack-file';
import { OWNER_ONLY_DIRECTORY } from './pack-modes';

/** The list of hashes: GNU coreutils' format, which `sha256sum -c` reads. */
const MANIFEST = 'SHA256SUMS';

/**
 * A directory of mode 0700 that appears under its name when it is complete. Until then its files are in `<path>.part`, without the
 * list of hashes: so half a pack does not pass for a whole one, whatever ends the process.
 *
 * All members throw CliError `not_written` with the system's code.
 */
export class PackDirectory {
  private readonly open = new Map<string, PackFile>();
  private readonly hashes = new Map<string, string>();

  private constructor(
    private readonly path: string,
    private readonly part: string,
  ) {}

  /** @throws CliError `usage` if the directory, or an unfinished one of that name, is there */
  static begin(given: string): Promise<PackDirectory> {
    return orNotWritten(async () => {
      const path = resolve(given);
      const part = `${path}.part`;
      if (await pathExists(path)) throw usageError('--out: the directory exists; a pack is never written over');
      await mkdir(part, { mode: OWNER_ONLY_DIRECTORY }).catch((thrown: unknown) => {
        if (systemCode(thrown) !== 'EEXIST') throw thrown;
        throw usageError(
          '--out: an unfinished pack is there, as DIR.part; remove it unless another command is writing it',
        );
      });
      return new PackDirectory(path, part);
    });
  }

  /** Creates a file of the pack, which {@link seal} closes. */
  create(name: string): Promise<PackFile> {
    return orNotWritten(async () => {
      const file = await PackFile.create(join(this.part, name));
      this.open.set(name, file);
      return file;
    });
  }

  /** Appends to a file that {@link create} made. */
  append(file: PackFile, text: string): Promise<void> {
    return orNotWritten(() => file.append(text));
  }

  /** Writes a whole file. */
  async write(name: string, text: string): Promise<void> {
    await this.append(await this.create(name), text);
  }

  /**
   * Closes all files, and writes the list of their hashes.
   *
   * @returns the SHA-256 of that list, in hexadecimal
   */
  seal(): Promise<string> {
    return orNotWritten(async () => {
      await this.closeAll();
      const lines = [...this.hashes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, hash]) => `${hash}  ${name}\n`);
      await this.write(MANIFEST, lines.join(''));
      await this.closeAll();
      return this.hashes.get(MANIFEST) ?? '';
    });
  }

  /** Gives the directory its name. @throws CliError `usage` if one with something in it came into being meanwhile */
  finish(): Promise<void> {
    return orNotWritten(async () => {
      await this.closeAll();
      await syncDirectory(this.part);
      if (await pathExists(this.path)) throw cameMeanwhile();
      await rename(this.part, this.path).catch((thrown: unknown) => {
        throw ['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(systemCode(thrown)) ? cameMeanwhile() : thrown;
      });
      await syncDirectory(dirname(this.path));
    });
  }

  /** Removes what was begun. Never throws. */
  async discard(): Promise<void> {
    for (const file of this.open.values()) await file.close().catch(() => undefined);
    this.open.clear();
    await rm(this.part, { recursive: true, force: true }).catch(() => undefined);
  }

  private async closeAll(): Promise<void> {
    for (const [name, file] of this.open) {
      this.hashes.set(name, await file.finish());
      await file.close();
      this.open.delete(name);
    }
  }
}

const cameMeanwhile = (): CliError =>
  usageError('--out: something of that name came into being meanwhile; the pack was discarded');
