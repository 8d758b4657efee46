import type { LogStore } from '../../../core/transparency/ports/log-store';
import { directoryOf, type LogDisk } from './log-disk';

/** A log's files in a directory. What was written is read at once, and is durable and at its name after {@link flush}. */
export interface FileLogStore extends LogStore {
  /**
   * Resolves when all that was written is durable. A checkpoint that needs it may be written only then.
   *
   * @throws errors of the system; nothing that was written before may be relied on then, and all of it is written anew
   */
  flush(): Promise<void>;
}

/** Files that are written and not yet at their names, which are torn by a power cut. */
const STAGED = 'new';
/** Directories whose names are known to be durable: each minute of events has one. */
const MOST_KNOWN = 10_000;

/**
 * Opens the files for one run of the publisher, and removes what an interrupted one left unfinished.
 *
 * Writes of a range cost one sync a file and one a directory at its end, in place of three each: a file gets its name only when its
 * bytes are durable, so that an index object is whole or is not there, whenever the power goes.
 *
 * @param rest awaited after each file, so that others can use thread and disk
 */
export function openFileLogStore(disk: LogDisk, rest: () => Promise<void> = () => Promise.resolve()): FileLogStore {
  /** The temporary names of what is written, by path. */
  const staged = new Map<string, string>();
  const durable = new Set<string>(['']);
  let count = 0;
  for (const name of disk.names(STAGED)) disk.remove(`${STAGED}/${name}`);
  disk.makeDirectory(STAGED);

  const read = (path: string): Buffer | undefined => disk.read(staged.get(path) ?? path);

  function stage(path: string, bytes: Buffer): void {
    let temporary = staged.get(path);
    if (temporary === undefined) temporary = `${STAGED}/${(count += 1)}`;
    disk.write(temporary, bytes);
    staged.set(path, temporary);
  }

  /** Makes the directories of a path. @returns those whose names are to be synced, and where the path itself is */
  function directoriesFor(path: string): readonly string[] {
    const changed = [directoryOf(path)];
    for (let each = directoryOf(path); !durable.has(each); each = directoryOf(each)) changed.push(directoryOf(each));
    for (const each of changed.toReversed()) if (!durable.has(each)) disk.makeDirectory(each);
    return changed;
  }

  function* filesBelow(directory: string): Generator<string> {
    for (const name of disk.names(directory)) {
      if (name.endsWith('/')) yield* filesBelow(`${directory}/${name.slice(0, -1)}`);
      else yield `${directory}/${name}`;
    }
  }

  return {
    read: async (path) => {
      await rest();
      return read(path);
    },
    put: async (path, bytes) => {
      await rest();
      stage(path, bytes);
    },
    create: async (path, bytes) => {
      await rest();
      const there = read(path);
      // The same bytes again: nobody knows whether an interrupted run has made them durable.
      if (there === undefined || there.equals(bytes)) stage(path, bytes);
      return there === undefined;
    },
    list: async (prefix) => {
      await rest();
      const waiting = [...staged.keys()].filter((path) => path.startsWith(prefix));
      return [...new Set([...filesBelow(prefix.replace(/\/$/, '')), ...waiting])];
    },
    flush: async () => {
      const changed = new Set<string>();
      for (const [path, temporary] of staged) {
        await rest();
        disk.sync(temporary);
        for (const directory of directoriesFor(path)) changed.add(directory);
        disk.rename(temporary, path);
      }
      staged.clear();
      // Each directory before the one that has its name.
      for (const directory of [...changed].sort((a, b) => b.length - a.length)) {
        await rest();
        disk.syncDirectory(directory);
      }
      if (durable.size > MOST_KNOWN) durable.clear();
      for (const directory of changed.add('')) durable.add(directory);
    },
  };
}
