import type { Kek } from '../crypto/kek-keyset';
import type { Randomness } from '../crypto/randomness';

/** The input of one step from a verified keyset to the next. `kek` is the one that the record names. */
export interface StepContext {
  readonly kek: Kek;
  /** Time of the home region's writer, in milliseconds since 1970. */
  readonly now: number;
  readonly randomness: Randomness;
}
