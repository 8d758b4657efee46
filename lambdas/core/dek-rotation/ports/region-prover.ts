import type { ProofChallenge } from '../region-proof';

/** One region's own function, asked from the home region. */
export interface RegionProver {
  readonly region: string;

  /**
   * Has the region unwrap a version with what it has itself: its replica of the keyset and its replica of the KEK.
   *
   * @returns the proof, as proveDek makes it
   * @throws KeywardError `store_unavailable` where it did not answer; `keys_unavailable` where it cannot yet, because it
   *   lags, or has no usable KEK
   */
  prove(challenge: ProofChallenge): Promise<string>;
}
