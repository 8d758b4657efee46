import { constants } from 'node:fs';
import { access, open, stat, type FileHandle } from 'node:fs/promises';
import { badFile, systemCode } from '../../lambdas/adapters/local/private-file';

const POSIX = process.platform !== 'win32';
const OWNER_MAY_CHANGE = 0o300n;
const GROUP_OR_OTHERS = 0o077n;

/** State of the path of an opened directory. */
export interface DirectoryState {
  /** Whether it is the opened directory, and not missing, another one or a copy. */
  readonly isSame: boolean;
  readonly isWritable: boolean;
  readonly isPrivate: boolean;
}

/**
 * A directory, identified by its inode and not by its path. It stays open, because the number of an open inode is not reused: a
 * directory that is removed and created again is recognized.
 */
export class OpenedDirectory {
  private constructor(
    readonly path: string,
    /** Undefined on Windows, which does not open directories. */
    private readonly handle: FileHandle | undefined,
    private readonly identity: string,
  ) {}

  /** @throws KeywardError `configuration_invalid` if it cannot be opened */
  static async open(path: string): Promise<OpenedDirectory> {
    try {
      const handle = POSIX ? await open(path, constants.O_RDONLY | constants.O_DIRECTORY) : undefined;
      const opened = await (handle?.stat({ bigint: true }) ?? stat(path, { bigint: true }));
      return new OpenedDirectory(path, handle, identityOf(opened));
    } catch (thrown) {
      throw badFile(path, `cannot be opened (${systemCode(thrown)})`);
    }
  }

  /** Checks the path. Never rejects. */
  async look(): Promise<DirectoryState> {
    try {
      const found = await stat(this.path, { bigint: true });
      const isWritable = await access(this.path, constants.R_OK | constants.W_OK | constants.X_OK).then(
        () => true,
        () => false,
      );
      return {
        isSame: identityOf(found) === this.identity,
        // The superuser may write anyway, but removed permission bits are respected.
        isWritable: isWritable && (!POSIX || (found.mode & OWNER_MAY_CHANGE) === OWNER_MAY_CHANGE),
        isPrivate: !POSIX || (found.mode & GROUP_OR_OTHERS) === 0n,
      };
    } catch {
      return { isSame: false, isWritable: false, isPrivate: false };
    }
  }

  async close(): Promise<void> {
    await this.handle?.close();
  }
}

/** Device and inode, which identify an existing file on this machine. */
export const identityOf = (stats: { readonly dev: bigint; readonly ino: bigint }): string =>
  `${stats.dev}:${stats.ino}`;
