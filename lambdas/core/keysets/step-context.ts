import type { Kek } from '../crypto/kek-keyset';
import type { Randomness } from '../crypto/randomness';

/** What one step from a verified keyset to the next is made with. `kek` is the one that the record names. */
export interface StepContext {
  readonly kek: Kek;
  /** Of the home region's writer, in milliseconds. */
  readonly now: number;
  readonly randomness: Randomness;
}
