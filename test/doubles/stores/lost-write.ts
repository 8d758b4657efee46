/** The fault of one attempt at a write whose answer is lost. */
export interface LostWrite {
  /** Whether the write is carried out. */
  readonly arrives: boolean;
  /** Called before the writer notices. */
  readonly meanwhile?: () => Promise<unknown>;
}
