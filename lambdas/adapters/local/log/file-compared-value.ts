import { hash } from 'node:crypto';
import type { ComparedValue, ReadValue } from '../../../core/transparency/ports/compared-value';
import { replaceDurably, type LogDisk } from './log-disk';

/**
 * A value in a file, which is replaced atomically and durably. Compare-and-set holds because one process owns the data directory and
 * one publisher runs in it; the tag is the hash of the content.
 *
 * @param flush makes durable what the value refers to, before it is written
 */
export function fileComparedValue(
  disk: LogDisk,
  path: string,
  flush: () => Promise<void> = () => Promise.resolve(),
): ComparedValue {
  const read = (): ReadValue | undefined => {
    const bytes = disk.read(path);
    return bytes && { bytes, tag: hash('sha256', bytes, 'hex') };
  };
  return {
    read: async () => Promise.resolve(read()),
    write: async (bytes, known) => {
      await flush();
      if (read()?.tag !== known?.tag) return false;
      replaceDurably(disk, path, bytes);
      return true;
    },
  };
}
