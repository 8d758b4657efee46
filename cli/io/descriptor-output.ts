import { write } from 'node:fs';
import { Writable } from 'node:stream';
import { systemCode } from './system-code';

/** Between two attempts to write where there is no room. In milliseconds. */
const NO_ROOM_PAUSE_MS = 5;

/**
 * Writes to an open file, pipe or terminal from another thread: while there is no room, signals are still heard. `process.stdout`
 * keeps the whole process waiting for a terminal.
 */
export class DescriptorOutput extends Writable {
  constructor(private readonly descriptor: number) {
    super();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    write(this.descriptor, chunk, (error, written) => {
      // Whoever shares a pipe with us may have made it one that does not wait.
      if (error !== null && systemCode(error) === 'EAGAIN') {
        setTimeout(() => {
          this._write(chunk, encoding, done);
        }, NO_ROOM_PAUSE_MS);
      } else if (error !== null || written === chunk.length) done(error);
      else this._write(chunk.subarray(written), encoding, done);
    });
  }
}
