import { randomBytes, randomFillSync } from 'node:crypto';
import type { Randomness } from '../../core/crypto/randomness';

const POOL_BYTES = 65_536;

/**
 * The operating system's generator. Public bytes come from a pool of 64 KiB that is filled in one call, which costs a
 * fraction of a call each; every byte of it is handed out once. Secret bytes never pass through the pool.
 *
 * Not promised: that a process which goes on twice from one snapshot of its memory gets other bytes each time. The pool is
 * part of that memory, so nothing that is sealed rests on it alone (`hedgedSalt`).
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
