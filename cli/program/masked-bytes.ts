import { LEAST_HIDDEN } from './hidden-forms';
import { PatternMatcher } from './pattern-matcher';

/** In the place of what is hidden. As a key it is refused by Keyward: it cannot be stored by mistake. */
export const MASK = Buffer.from('*'.repeat(8));

/** From one offset to before another, of all that has come. */
interface Span {
  start: number;
  readonly end: number;
}

/**
 * Hides texts in bytes that come in pieces. Texts that overlap are hidden as one; however the bytes are cut, what comes out is the
 * same, and it is all there after the last piece. Nothing is held back but what may be the beginning of a text.
 */
export class MaskedBytes {
  private readonly matcher: PatternMatcher;
  private state = 0;
  /** What has come and has not gone, from the offset `from` on. */
  private held: Buffer = Buffer.alloc(0);
  private from = 0;
  private seen = 0;
  /** What to hide of it, in order. */
  private readonly hidden: Span[] = [];
  /** Whether the mask of the first one has gone already. */
  private isMasked = false;

  constructor(patterns: readonly Uint8Array[]) {
    this.matcher = new PatternMatcher(patterns);
  }

  /** Takes a piece and gives what can go. */
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

  /** Whether something is held back that {@link release} would give. */
  get canRelease(): boolean {
    const from = this.seen - this.matcher.depth(this.state);
    const hidden = this.hidden.reduce((sum, { start, end }) => sum + Math.max(0, end - Math.max(start, from)), 0);
    return this.held.length > 0 && this.seen - from - hidden < LEAST_HIDDEN;
  }

  /**
   * Gives what is held back, where it is so little that it tells nothing of the text that it may be the beginning of. What comes
   * of that text after it is hidden all the same.
   */
  release(): Buffer {
    return this.canRelease ? this.giveUpTo(this.seen) : Buffer.alloc(0);
  }

  /** After the last piece. */
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
        // It may still grow, but its mask has gone.
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
