import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { segmentFile } from './segment-name';

/** Identifies a file's content: a different size or change time means that it was written since. */
export interface FileState {
  readonly bytes: number;
  /** In nanoseconds since 1970, as text; programs cannot set it. */
  readonly changedAt: string;
}

/** Reads parts of segments in a dedicated thread: each call blocks on the disk, and all share one buffer. Throws errors of the system. */
export class SegmentBytes {
  private buffer = Buffer.allocUnsafeSlow(0);

  constructor(private readonly directory: string) {}

  /** Returns the file's present state. */
  state(segment: string): FileState {
    return this.withFile(segment, (file) => {
      const { size, ctimeNs } = fstatSync(file, { bigint: true });
      return { bytes: Number(size), changedAt: String(ctimeNs) };
    });
  }

  /** Returns bytes that are valid until the next call; fewer than requested at the end of the file. */
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

  /** Frees memory that one long group took. */
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
