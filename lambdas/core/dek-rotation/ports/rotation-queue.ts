/**
 * Work that a rotation leaves for later: `advance` looks at a provider's rotation and does its next step, `rekey` moves the
 * credentials of one shard, for a rotation or (null) because some were found under an old version.
 */
export type RotationMessage =
  | { readonly kind: 'advance'; readonly provider: string }
  | { readonly kind: 'rekey'; readonly provider: string; readonly rotation_id: string | null; readonly shard: number };

/** Brings each message at least once, in any order, not before its delay. */
export interface RotationQueue {
  /**
   * @param delaySeconds 0 to 900
   * @throws KeywardError `store_unavailable` where one is not known to be on the queue
   */
  send(messages: readonly RotationMessage[], delaySeconds: number): Promise<void>;
}
