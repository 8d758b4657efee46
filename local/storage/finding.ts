/**
 * A fault under the data directory: something that differs from what was opened, or that the next start would refuse. `stops` is
 * what is unsafe from then on: sealing, or all storing.
 */
export interface Finding {
  /** A literal: the fault and its remedy. */
  readonly message: string;
  readonly stops: 'sealing' | 'storing';
}

/** Checks one part of the data directory; returns no finding if there is no fault. */
export type Inspect = () => Promise<readonly Finding[]>;
