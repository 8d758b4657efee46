import { Transform, type TransformCallback } from 'node:stream';
import type { Waiting } from '../io/waiting';
import { MaskedBytes } from './masked-bytes';

/** As long as a question may take to be seen to its end, and longer than a program takes between two writes of one text. In milliseconds. */
const QUIET_MS = 100;

/** Hides texts in a stream. What is held back comes out once nothing has come for a while, as far as it tells nothing. */
export class MaskStream extends Transform {
  private readonly masked: MaskedBytes;
  private quiet = new AbortController();

  constructor(
    patterns: readonly Uint8Array[],
    private readonly waiting: Pick<Waiting, 'pause'>,
  ) {
    super();
    this.masked = new MaskedBytes(patterns);
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.quiet.abort();
    const out = this.masked.push(chunk);
    if (this.masked.canRelease) void this.releaseSoon();
    done(null, out);
  }

  override _flush(done: TransformCallback): void {
    this.quiet.abort();
    done(null, this.masked.end());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.quiet.abort();
    done(error);
  }

  private async releaseSoon(): Promise<void> {
    const { signal } = (this.quiet = new AbortController());
    await this.waiting.pause(QUIET_MS, signal).catch(() => undefined);
    if (!signal.aborted) this.push(this.masked.release());
  }
}
