import type { Randomness } from '../../lambdas/core/crypto/randomness';

/** Counts upwards, one byte at a time: good for vectors that come out the same each time, and plainly not random. */
export class CountingRandomness implements Randomness {
  constructor(private next = 0) {}

  publicBytes(size: number): Buffer {
    return Buffer.from(Array.from({ length: size }, () => this.next++ & 0xff));
  }

  secretBytes(size: number): Buffer {
    return this.publicBytes(size);
  }
}
