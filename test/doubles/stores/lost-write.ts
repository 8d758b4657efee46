/** What becomes of one attempt at a write of which no answer comes. */
export interface LostWrite {
  /** Whether it is carried out all the same. */
  readonly arrives: boolean;
  /** What happens before the writer notices. */
  readonly meanwhile?: () => Promise<unknown>;
}
