import { Transform, type TransformCallback } from 'node:stream';
import type { Waiting } from '../io/waiting';
import { MaskedBytes } from './masked-bytes';

/** Long enough to recognize a prompt, and longer than a program pauses within one text. In milliseconds. */
const QUIET_MS = 100;

/** Masks texts in a stream. After a pause it releases held-back bytes, if they reveal nothing. */
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
