import * as z from 'zod/mini';
import { CREDENTIAL_NAME_PATTERN, DEK_ROTATION_ID_PATTERN } from '../../contract/names';

const shard = z.int().check(z.minimum(0));

/**
 * Deferred work: `advance` does the next step of a provider's rotation; `rekey` rekeys the values of one shard, for a rotation or
 * (null) because some were found under an old version; `expire` erases the expired previous values of one shard.
 */
export const dekRotationMessage = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('advance'), provider: z.string() }),
  z.strictObject({
    kind: z.literal('rekey'),
    provider: z.string(),
    rotation_id: z.nullable(z.string().check(z.regex(DEK_ROTATION_ID_PATTERN))),
    shard,
  }),
  z.strictObject({
    kind: z.literal('expire'),
    provider: z.string(),
    shard,
    after: z.optional(z.string().check(z.regex(CREDENTIAL_NAME_PATTERN))),
  }),
]);

export type DekRotationMessage = Readonly<z.output<typeof dekRotationMessage>>;

/** Delivers each message at least once, in any order, not before its delay. */
export interface DekRotationQueue {
  /**
   * @param delaySeconds 0 to 900
   * @throws KeywardError `store_unavailable` if a message is not known to be on the queue
   */
  send(messages: readonly DekRotationMessage[], delaySeconds: number): Promise<void>;
}
