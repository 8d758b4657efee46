/**
 * Random bytes. Implementations must be cryptographically secure outside of tests.
 * The returned buffer belongs to the caller, shares memory with nothing, and may be wiped.
 */
export interface Randomness {
  /** `size` bytes that will be public, such as a salt. */
  publicBytes(size: number): Buffer;
  /** `size` bytes of key material, drawn from the operating system at the time of the call. */
  secretBytes(size: number): Buffer;
}

/** A fresh 128-bit identifier, 32 lower-case hexadecimal characters. */
export const newId = (randomness: Randomness): string => randomness.publicBytes(16).toString('hex');
