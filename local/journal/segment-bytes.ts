import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { segmentFile } from './segment-name';

/** What a file is known by: another size or another time of its last change means that it was written since. */
export interface FileState {
  readonly bytes: number;
  /** In nanoseconds since 1970, as text: cannot be set by a program. */
  readonly changedAt: string;
}

/**
 * Reads parts of segments on a thread of its own: each call waits for the disk, and there is one buffer for all of them.
 * Throws what the system throws.
 */
export class SegmentBytes {
  private buffer = Buffer.allocUnsafeSlow(0);

  constructor(private readonly directory: string) {}

  /** The file's state now. */
  state(segment: string): FileState {
    return this.withFile(segment, (file) => {
      const { size, ctimeNs } = fstatSync(file, { bigint: true });
      return { bytes: Number(size), changedAt: String(ctimeNs) };
    });
  }

  /** Valid until the next call. Shorter than asked for where the file ends. */
  read(segment: string, offset: number, bytes: number): Buffer {
    if (this.buffer.length < bytes) this.buffer = Buffer.allocUnsafeSlow(bytes);
    return this.withFile(segment, (file) => {
      let filled = 0;
      while (filled < bytes) {
        const read = readSync(file, this.buffer, filled, bytes - filled, offset + filled);
        if (read === 0) break;
        filled += read;
      }
      return this.buffer.subarray(0, filled);
    });
  }

  /** Gives back what one long group took. */
  trim(bytes: number): void {
    if (this.buffer.length > bytes) this.buffer = Buffer.allocUnsafeSlow(bytes);
  }

  private withFile<T>(segment: string, use: (file: number) => T): T {
    const file = openSync(join(this.directory, segmentFile(segment)), 'r');
    try {
      return use(file);
    } finally {
      closeSync(file);
    }
  }
}
