/**
 * Something under the data directory that is not as it was opened, or that the next start would refuse.
 * `stops` says what is unsafe from then on: to seal anything new, or to store anything at all.
 */
export interface Finding {
  /** A literal: what is wrong, and what to do. */
  readonly message: string;
  readonly stops: 'sealing' | 'storing';
}

/** Looks at one part of the data directory; gives nothing where all is well. */
export type Inspect = () => Promise<readonly Finding[]>;
