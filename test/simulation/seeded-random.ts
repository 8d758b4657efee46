import type { Randomness } from '../../lambdas/core/crypto/randomness';

/**
 * Pseudorandom numbers that repeat with the same seed: sfc32 by Chris Doty-Humphrey (PractRand), 32 bits a step, a period of at
 * least 2^32. They choose what happens next, and are unfit for secrets.
 */
export class SeededRandom {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  constructor(seed: number, stream = 0) {
    this.a = seed >>> 0;
    this.b = Math.floor(seed / 2 ** 32) >>> 0;
    this.c = stream >>> 0;
    for (let step = 0; step < 12; step += 1) this.next();
  }

  /** 0 to 2^32 - 1. */
  next(): number {
    const result = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + result) | 0;
    return result >>> 0;
  }

  /** From `low` to `high`, both inclusive. */
  between(low: number, high: number): number {
    return low + (this.next() % (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability * 2 ** 32;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.next() % items.length] as T;
  }

  bytes(size: number): Buffer {
    const bytes = Buffer.allocUnsafeSlow(size);
    for (let at = 0; at < size; at += 4) {
      const word = this.next();
      for (let byte = at; byte < Math.min(at + 4, size); byte += 1) bytes[byte] = word >>> (8 * (byte - at));
    }
    return bytes;
  }
}

/** Key material of a simulation: cheap, and repeatable by its seed. */
export const seededRandomness = (random: SeededRandom): Randomness => ({
  publicBytes: (size) => random.bytes(size),
  secretBytes: (size) => random.bytes(size),
});
