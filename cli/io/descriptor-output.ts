import { write } from 'node:fs';
import { Writable } from 'node:stream';
import { systemCode } from './system-code';

/** Pause between two attempts to write to a full pipe. In milliseconds. */
const NO_ROOM_PAUSE_MS = 5;

/**
 * Writes to an open file, pipe or terminal from another thread, so that signals are handled while it is full. `process.stdout`
 * blocks the whole process for a terminal.
 */
export class DescriptorOutput extends Writable {
  constructor(private readonly descriptor: number) {
    super();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    write(this.descriptor, chunk, (error, written) => {
      // Another process that shares the pipe may have made it non-blocking.
      if (error !== null && systemCode(error) === 'EAGAIN') {
        setTimeout(() => {
          this._write(chunk, encoding, done);
        }, NO_ROOM_PAUSE_MS);
      } else if (error !== null || written === chunk.length) done(error);
      else this._write(chunk.subarray(written), encoding, done);
    });
  }
}
