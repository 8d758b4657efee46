import type { AdvanceRotation } from './advance-rotation';
import type { RotationMessage, RotationQueue } from './ports/rotation-queue';
import type { RekeyShard } from './rekey-shard';

export interface ServeRotationMessageDependencies {
  readonly work: { readonly advance: AdvanceRotation; readonly rekeyShard: RekeyShard };
  readonly queue: RotationQueue;
}

/**
 * Does what a message asks for, and sends it again where there is more to do.
 *
 * @param deadline when to stop between two pages, in milliseconds
 * @throws KeywardError as the use cases and the queue do: the message has to come again
 */
export type ServeRotationMessage = (message: RotationMessage, deadline: number) => Promise<void>;

export const createServeRotationMessage =
  ({ work, queue }: ServeRotationMessageDependencies): ServeRotationMessage =>
  async (message, deadline) => {
    const wait =
      message.kind === 'advance' ? await work.advance(message.provider) : await work.rekeyShard(message, deadline);
    if (wait !== undefined) await queue.send([message], wait);
  };
