import * as z from 'zod/mini';
import { ROTATION_ID_PATTERN } from '../../contract/names';

/**
 * Work that a rotation leaves for later: `advance` looks at a provider's rotation and does its next step, `rekey` moves the
 * credentials of one shard, for a rotation or (null) because some were found under an old version.
 */
export const rotationMessage = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('advance'), provider: z.string() }),
  z.strictObject({
    kind: z.literal('rekey'),
    provider: z.string(),
    rotation_id: z.nullable(z.string().check(z.regex(ROTATION_ID_PATTERN))),
    shard: z.int().check(z.minimum(0)),
  }),
]);

export type RotationMessage = Readonly<z.output<typeof rotationMessage>>;

/** Brings each message at least once, in any order, not before its delay. */
export interface RotationQueue {
  /**
   * @param delaySeconds 0 to 900
   * @throws KeywardError `store_unavailable` where one is not known to be on the queue
   */
  send(messages: readonly RotationMessage[], delaySeconds: number): Promise<void>;
}
