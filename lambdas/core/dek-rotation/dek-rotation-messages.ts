import { WORKER_RESERVE_MS } from '../contract/function-times';
import { isProvider } from '../crypto/provider';
import { isKnownProvider, type KnownProviders } from '../keysets/known-provider';
import { createExpirePrevious, type ExpirePrevious } from '../credentials/expire-previous';
import type { AdvanceDekRotation } from './advance-dek-rotation';
import { dekRotationMessage, type DekRotationMessage, type DekRotationQueue } from './ports/dek-rotation-queue';
import { createRekeyShard, type RekeyShard } from './rekey-shard';
import type { DekRotationParts } from './dek-rotation-parts';

/** Serves messages of the rotation queue, until a minute before Lambda stops the function. */
export const dekRotationMessages = {
  name: 'rotation-worker',
  refusal: 'message refused: not a message of a rotation',
  schema: dekRotationMessage,
  accepts: async (message: DekRotationMessage, deps: DekRotationMessageUse): Promise<boolean> =>
    !('shard' in message && message.shard >= deps.shardCount) && isKnownProvider(message.provider, deps),
  fields: (message: DekRotationMessage) => ({
    operation: message.kind,
    ...(isProvider(message.provider) && { provider: message.provider }),
    ...(message.kind === 'rekey' && message.rotation_id !== null && { request_id: message.rotation_id }),
  }),
  reserveMs: WORKER_RESERVE_MS,
  serve: async (message: DekRotationMessage, { serve }: DekRotationMessageUse, deadline: number) => {
    await serve(message, deadline);
    return { done: true, outcome: 'message served' };
  },
};

/** Dependencies of the function. It refuses a message for an unknown provider. */
export interface DekRotationMessageUse extends KnownProviders {
  readonly serve: ServeDekRotationMessage;
  readonly shardCount: number;
}

export interface ServeDekRotationMessageDependencies {
  readonly work: {
    readonly advance: AdvanceDekRotation;
    readonly rekeyShard: RekeyShard;
    readonly expirePrevious: ExpirePrevious;
  };
  readonly queue: DekRotationQueue;
}

/**
 * Does the work of a message, and sends it again if there is more to do.
 *
 * @param deadline when to stop between two pages, in milliseconds since 1970
 * @throws KeywardError as the use cases and the queue: the message must be delivered again
 */
export type ServeDekRotationMessage = (message: DekRotationMessage, deadline: number) => Promise<void>;

export const createServeDekRotationMessage =
  ({ work, queue }: ServeDekRotationMessageDependencies): ServeDekRotationMessage =>
  async (message, deadline) => {
    if (message.kind === 'expire') {
      const rest = await work.expirePrevious(message, deadline);
      if (rest !== undefined) await queue.send([{ kind: 'expire', ...rest }], 0);
      return;
    }
    const wait =
      message.kind === 'advance' ? await work.advance(message.provider) : await work.rekeyShard(message, deadline);
    if (wait !== undefined) await queue.send([message], wait);
  };

/** The work of messages, and the function that serves one. */
export interface DekRotationMessages {
  readonly advance: AdvanceDekRotation;
  readonly rekeyShard: RekeyShard;
  readonly expirePrevious: ExpirePrevious;
  readonly serveMessage: ServeDekRotationMessage;
}

/** Batch sizes of one shard's run. */
export interface RekeyPace {
  /** Concurrent writes, and rows per page. Default 25 and 200. */
  readonly rekeyConcurrency?: number;
  readonly rekeyPage?: number;
}

const DEFAULT_REKEY_CONCURRENCY = 25;
const DEFAULT_REKEY_PAGE = 200;

/** Makes the work that messages start. */
export function createDekRotationMessages(parts: DekRotationParts, pace: RekeyPace = {}): DekRotationMessages {
  const { advance } = parts;
  const paced = {
    ...parts.ports,
    ...parts,
    concurrency: pace.rekeyConcurrency ?? DEFAULT_REKEY_CONCURRENCY,
    page: pace.rekeyPage ?? DEFAULT_REKEY_PAGE,
  };
  const work = { advance, rekeyShard: createRekeyShard(paced), expirePrevious: createExpirePrevious(paced) };
  return { ...work, serveMessage: createServeDekRotationMessage({ work, queue: parts.ports.queue }) };
}
