import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parseArchivePath } from '../../lambdas/core/transparency/archive-path';
import type { LogFiles } from '../../lambdas/core/transparency/ports/log-files';
import { CliError, EXIT, usageError } from '../io/cli-error';
import { systemCode } from '../io/system-code';

const COMPRESSED = '.gz';
/** Archivers write a few MB; more is no archive object. */
const MAX_LINES_BYTES = 268_435_456;

/**
 * The log of one region in a directory, laid out as it is stored. An archive object is `<hour>/<sha256>`, its lines, or
 * `<hour>/<sha256>.gz`; one that cannot be uncompressed is read as it is, so that its name does not fit.
 *
 * @throws CliError `usage` if there is no such directory
 */
export async function offlineLogFiles(directory: string): Promise<LogFiles> {
  await readdir(directory).catch((thrown: unknown) => {
    const code = systemCode(thrown);
    throw usageError(
      code === 'ENOENT' || code === 'ENOTDIR'
        ? '--offline: there is no such directory'
        : `--offline: the directory cannot be read (${code})`,
    );
  });
  const at = (path: string): string => join(directory, ...path.split('/'));

  return {
    async read(path) {
      const bytes = await readIfThere(at(path));
      if (bytes !== undefined || parseArchivePath(path) === undefined) return bytes;
      const compressed = await readIfThere(`${at(path)}${COMPRESSED}`);
      return compressed && uncompressed(compressed);
    },
    async list(prefix) {
      const folder = prefix.slice(0, -1);
      const entries = await readdir(at(folder), { recursive: true, withFileTypes: true }).catch((thrown: unknown) => {
        if (systemCode(thrown) === 'ENOENT') return [];
        throw unreadable(thrown);
      });
      const paths = entries
        .filter((entry) => !entry.isDirectory())
        .map(({ parentPath, name }) => join(parentPath, name).slice(at(folder).length + 1))
        .map((name) => `${prefix}${name.split('\\').join('/')}`);
      return [...new Set(paths.map(withoutSuffix))];
    },
  };
}

function withoutSuffix(path: string): string {
  const name = path.endsWith(COMPRESSED) ? path.slice(0, -COMPRESSED.length) : path;
  return parseArchivePath(name) === undefined ? path : name;
}

function uncompressed(bytes: Buffer): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_LINES_BYTES });
  } catch {
    return bytes;
  }
}

const readIfThere = (path: string): Promise<Buffer | undefined> =>
  readFile(path).catch((thrown: unknown) => {
    const code = systemCode(thrown);
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined;
    throw unreadable(thrown);
  });

const unreadable = (thrown: unknown): CliError =>
  new CliError(EXIT.unexpected, 'not_read', `--offline: a file cannot be read (${systemCode(thrown)})`);
