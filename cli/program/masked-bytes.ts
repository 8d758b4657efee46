import { LEAST_HIDDEN } from './hidden-forms';
import { PatternMatcher } from './pattern-matcher';

/** Replaces hidden text. Keyward refuses it as a key, so it cannot be stored by mistake. */
export const MASK = Buffer.from('*'.repeat(8));

/** A range of offsets in all input. */
interface Span {
  start: number;
  readonly end: number;
}

/**
 * Masks texts in bytes that come in pieces. Overlapping texts are masked as one. The output does not depend on the pieces, and is
 * complete after the last one. It holds back only what may be the beginning of a text.
 */
export class MaskedBytes {
  private readonly matcher: PatternMatcher;
  private state = 0;
  /** Input that is still held, from the offset `from` on. */
  private held: Buffer = Buffer.alloc(0);
  private from = 0;
  private seen = 0;
  /** Ranges to hide, in order. */
  private readonly hidden: Span[] = [];
  /** Whether the mask of the first range was written. */
  private isMasked = false;

  constructor(patterns: readonly Uint8Array[]) {
    this.matcher = new PatternMatcher(patterns);
  }

  /** Takes a piece and returns the output that is ready. */
  push(piece: Uint8Array): Buffer {
    for (const byte of piece) {
      this.state = this.matcher.next(this.state, byte);
      this.seen += 1;
      const length = this.matcher.found(this.state);
      if (length > 0) this.hide(this.seen - length);
    }
    this.held = Buffer.concat([this.held, piece]);
    return this.giveUpTo(this.seen - this.matcher.depth(this.state));
  }

  /** Whether {@link release} would return something. */
  get canRelease(): boolean {
    const from = this.seen - this.matcher.depth(this.state);
    const hidden = this.hidden.reduce((sum, { start, end }) => sum + Math.max(0, end - Math.max(start, from)), 0);
    return this.held.length > 0 && this.seen - from - hidden < LEAST_HIDDEN;
  }

  /**
   * Returns held-back bytes, if they are too few to reveal the text that they may begin. The rest of that text is hidden all
   * the same.
   */
  release(): Buffer {
    return this.canRelease ? this.giveUpTo(this.seen) : Buffer.alloc(0);
  }

  /** Returns the rest after the last piece. */
  end(): Buffer {
    return this.giveUpTo(this.seen);
  }

  private hide(from: number): void {
    let start = Math.max(from, this.from);
    for (let last = this.hidden.at(-1); last !== undefined && last.end > start; last = this.hidden.at(-1)) {
      start = Math.min(start, last.start);
      this.hidden.pop();
    }
    this.hidden.push({ start, end: this.seen });
  }

  private giveUpTo(settled: number): Buffer {
    const end = Math.max(this.from, settled);
    const parts: Uint8Array[] = [];
    let at = this.from;
    const first = this.from;
    for (let span = this.hidden[0]; span !== undefined && span.start < end; span = this.hidden[0]) {
      if (!this.isMasked) parts.push(this.held.subarray(at - first, span.start - first), MASK);
      this.isMasked = span.end > end;
      at = Math.min(span.end, end);
      if (this.isMasked) {
        // The range may still grow, but its mask was written.
        span.start = end;
        break;
      }
      this.hidden.shift();
    }
    parts.push(this.held.subarray(at - first, end - first));
    this.held = this.held.subarray(end - first);
    this.from = end;
    return Buffer.concat(parts);
  }
}
