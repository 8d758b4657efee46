import { parseKeyset } from '../lambdas/core/keysets/dek-keyset';
import { failureFields } from '../lambdas/core/ports/failure-fields';
import type { KeysetReader } from '../lambdas/core/keysets/ports/keyset-store';
import type { Logger } from '../lambdas/core/ports/logger';
import type { DekRotationMessage, DekRotationQueue } from '../lambdas/core/dek-rotation/ports/dek-rotation-queue';

export interface ResumeDekRotationsDependencies {
  readonly keysets: KeysetReader;
  readonly providers: readonly string[];
  readonly shardCount: number;
  readonly queue: DekRotationQueue;
  readonly logger: Logger;
}

/**
 * Queues the next steps of running rotations: the queue was in the memory of an earlier process. A provider whose keyset cannot
 * be read is logged, and left to the sweep.
 */
export async function resumeDekRotations(deps: ResumeDekRotationsDependencies): Promise<void> {
  for (const provider of deps.providers) {
    try {
      const value = await deps.keysets.get(provider);
      if (value === undefined) continue;
      const { rotation } = parseKeyset(value, provider);
      if (rotation === undefined) continue;
      const shards = rotation.phase === 'rekeying' ? deps.shardCount : 0;
      const messages = Array.from({ length: shards }, (_, shard): DekRotationMessage => {
        return { kind: 'rekey', provider, rotation_id: rotation.id, shard };
      });
      await deps.queue.send([{ kind: 'advance', provider }, ...messages], 0);
    } catch (thrown) {
      const fields = { operation: 'resume', provider, ...failureFields(thrown) };
      deps.logger.error('a rotation could not be resumed', fields);
    }
  }
}
