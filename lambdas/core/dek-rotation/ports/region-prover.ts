import type { ProofChallenge } from '../dek-proof';

/** Asks the function of one region, from the home region. */
export interface RegionProver {
  readonly region: string;

  /**
   * Has the region unwrap a version with its own replicas of the keyset and of the KEK.
   *
   * @returns the proof, as proveDek makes it
   * @throws KeywardError `store_unavailable` if it did not answer; `keys_unavailable` if it lags or has no usable KEK
   */
  prove(challenge: ProofChallenge): Promise<string>;
}
