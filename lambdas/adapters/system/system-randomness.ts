import { randomBytes, randomFillSync } from 'node:crypto';
import type { Randomness } from '../../core/crypto/randomness';

const POOL_BYTES = 65_536;

/**
 * Random bytes of the operating system. Public bytes come from a pool of 64 KiB that one call fills, at a fraction of the cost;
 * every byte is used once. Secret bytes never come from the pool.
 *
 * Not promised: that two processes that resume from one memory snapshot get different bytes. The pool is part of that memory, so
 * no sealing depends on it alone (`hedgedSalt`).
 */
export function createSystemRandomness(): Randomness {
  const pool = Buffer.allocUnsafeSlow(POOL_BYTES);
  let used = POOL_BYTES;
  return {
    publicBytes(size) {
      if (size > POOL_BYTES) return randomBytes(size);
      if (used + size > POOL_BYTES) {
        randomFillSync(pool);
        used = 0;
      }
      // Not `Buffer.from`, whose small buffers share one slab.
      const bytes = Buffer.alloc(size);
      bytes.set(pool.subarray(used, used + size));
      used += size;
      return bytes;
    },
    secretBytes: (size) => randomBytes(size),
  };
}
