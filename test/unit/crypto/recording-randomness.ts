import { randomBytes } from 'node:crypto';
import type { Randomness } from '../../../lambdas/core/crypto/randomness';

/** Real randomness that records its secret buffers, so that a test can check whether they were wiped. */
export class RecordingRandomness implements Randomness {
  readonly secrets: Buffer[] = [];

  publicBytes(size: number): Buffer {
    return randomBytes(size);
  }

  secretBytes(size: number): Buffer {
    const bytes = randomBytes(size);
    this.secrets.push(bytes);
    return bytes;
  }
}

export const isWiped = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);
