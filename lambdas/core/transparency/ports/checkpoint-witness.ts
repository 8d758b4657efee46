/** A place outside of this deployment's account that keeps checkpoints, and from which nobody here takes one away. */
export interface CheckpointWitness {
  /**
   * Hands over a checkpoint as it was published, at least once. Handing it over again changes nothing.
   *
   * @param size entries of the tree
   * @throws what an outage throws
   */
  keep(checkpoint: Buffer, size: number): Promise<void>;
}
