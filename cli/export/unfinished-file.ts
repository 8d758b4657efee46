import { constants } from 'node:fs';
import { link, open, rename, unlink, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isCount, isRecord } from '../../lambdas/core/crypto/record-checks';
import { parseStrictJson } from '../../lambdas/core/crypto/strict-json';
import { usageError, type CliError } from '../io/cli-error';
import { orNotWritten } from '../io/or-not-written';
import { pathExists } from '../io/path-exists';
import { syncDirectory } from '../io/sync-directory';
import { systemCode } from '../io/system-code';
import type { JsonObject } from '../client/json-object';

const OWNER_ONLY = 0o600;
const NEW = 'wx';
/** Not through a link that somebody put there. Not on Windows. */
const EXISTING = constants.O_RDWR | constants.O_NOFOLLOW;
const MAX_STATE_BYTES = 65_536;

/**
 * A file of mode 0600 that is written in parts and appears under its name when it is complete. Until then its text is in
 * `<path>.part`, and how to go on in `<path>.part.json`: after a kill or a power cut everything up to the last `append` is there.
 *
 * All members throw CliError `not_written` with the system's code.
 */
export class UnfinishedFile {
  private constructor(
    private readonly path: string,
    private readonly file: FileHandle,
    private bytes: number,
    private readonly replaces: boolean,
  ) {}

  /**
   * Begins a file.
   *
   * @param replaces whether an existing file, finished or not, is replaced
   * @throws CliError `usage` if there is one
   */
  static async begin(path: string, replaces: boolean): Promise<UnfinishedFile> {
    return orNotWritten(async () => {
      if (!replaces && (await pathExists(path))) throw usageError('--out: the file exists; --force replaces it');
      if (!replaces && ((await pathExists(partOf(path))) || (await pathExists(stateOf(path)))))
        throw usageError('--out: an unfinished export is there; --resume continues it, --force begins anew');
      await remove(partOf(path));
      await remove(stateOf(path));
      return new UnfinishedFile(path, await open(partOf(path), NEW, OWNER_ONLY), 0, replaces);
    });
  }

  /**
   * Opens an unfinished file after its last `append`.
   *
   * @returns also the state that it was given
   * @throws CliError `usage` if there is none, or it was changed
   */
  static async resume(
    path: string,
    replaces: boolean,
  ): Promise<{ readonly file: UnfinishedFile; readonly state: JsonObject }> {
    return orNotWritten(async () => {
      if (!replaces && (await pathExists(path))) throw usageError('--out: the file exists; --force replaces it');
      const stored = await readState(stateOf(path));
      if (stored === undefined) throw usageError('--resume: there is no unfinished export beside --out');
      const file = await open(partOf(path), EXISTING).catch((thrown: unknown) => {
        if (systemCode(thrown) === 'ENOENT') throw changed();
        throw thrown;
      });
      const stat = await file.stat();
      if (!stat.isFile() || stat.size < stored.bytes) {
        await file.close();
        throw changed();
      }
      await file.truncate(stored.bytes);
      return { file: new UnfinishedFile(path, file, stored.bytes, replaces), state: stored.state };
    });
  }

  /** Appends a text durably, and then the state from which to go on after it. */
  append(text: string, state: JsonObject): Promise<void> {
    return orNotWritten(async () => {
      const bytes = Buffer.from(text, 'utf8');
      for (let at = 0; at < bytes.length;) {
        at += (await this.file.write(bytes, at, bytes.length - at, this.bytes + at)).bytesWritten;
      }
      await this.file.sync();
      this.bytes += bytes.length;
      const temporary = `${stateOf(this.path)}.new`;
      await remove(temporary);
      const file = await open(temporary, NEW, OWNER_ONLY);
      try {
        await file.writeFile(`${JSON.stringify({ bytes: this.bytes, state })}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, stateOf(this.path));
    });
  }

  /** Gives the file its name. @throws CliError `usage` if a file of that name came into being meanwhile */
  finish(): Promise<void> {
    return orNotWritten(async () => {
      await this.file.sync();
      if (this.replaces) await rename(partOf(this.path), this.path);
      else {
        // Unlike rename, link fails if the name exists.
        await link(partOf(this.path), this.path).catch((thrown: unknown) => {
          if (systemCode(thrown) !== 'EEXIST') throw thrown;
          throw usageError('--out: a file of that name came into being meanwhile; --resume --force replaces it');
        });
        await unlink(partOf(this.path));
      }
      await remove(stateOf(this.path));
      await syncDirectory(dirname(this.path));
    });
  }

  /** Removes what was begun. */
  async discard(): Promise<void> {
    await remove(partOf(this.path)).catch(() => undefined);
    await remove(stateOf(this.path)).catch(() => undefined);
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

const partOf = (path: string): string => `${path}.part`;
const stateOf = (path: string): string => `${path}.part.json`;

const changed = (): CliError => usageError('--resume: the unfinished export was changed; --force begins anew');

async function readState(path: string): Promise<{ readonly bytes: number; readonly state: JsonObject } | undefined> {
  if (!(await pathExists(path))) return undefined;
  const file = await open(path, EXISTING);
  try {
    const stat = await file.stat();
    const text = stat.isFile() && stat.size <= MAX_STATE_BYTES ? await file.readFile('utf8') : '';
    const stored = parseStrictJson(text);
    if (!isRecord(stored) || !isCount(stored['bytes'], 0) || !isRecord(stored['state'])) throw changed();
    return { bytes: stored['bytes'], state: stored['state'] };
  } finally {
    await file.close();
  }
}

const remove = (path: string): Promise<void> =>
  unlink(path).catch((thrown: unknown) => {
    if (systemCode(thrown) !== 'ENOENT') throw thrown;
  });
