import { WORKER_RESERVE_MS } from '../contract/function-times';
import { isProvider } from '../crypto/provider';
import { isKnownProvider, type KnownProviders } from '../keysets/known-provider';
import { createExpirePrevious, type ExpirePrevious } from '../credentials/expire-previous';
import type { AdvanceRotation } from './advance-rotation';
import { rotationMessage, type RotationMessage, type RotationQueue } from './ports/rotation-queue';
import { createRekeyShard, type RekeyShard } from './rekey-shard';
import type { RotationParts } from './rotation-parts';

/** A message of the rotation queue, served until a minute before Lambda stops the function. */
export const rotationMessages = {
  name: 'rotation-worker',
  refusal: 'message refused: it is not one of a rotation',
  schema: rotationMessage,
  accepts: async (message: RotationMessage, deps: RotationMessageUse): Promise<boolean> =>
    !('shard' in message && message.shard >= deps.shardCount) && isKnownProvider(message.provider, deps),
  fields: (message: RotationMessage) => ({
    operation: message.kind,
    ...(isProvider(message.provider) && { provider: message.provider }),
    ...(message.kind === 'rekey' && message.rotation_id !== null && { request_id: message.rotation_id }),
  }),
  reserveMs: WORKER_RESERVE_MS,
  serve: async (message: RotationMessage, { serve }: RotationMessageUse, deadline: number) => {
    await serve(message, deadline);
    return { done: true, outcome: 'message served' };
  },
};

/** What the messages of the rotation queue are served with. One of a provider that it does not know is refused. */
export interface RotationMessageUse extends KnownProviders {
  readonly serve: ServeRotationMessage;
  readonly shardCount: number;
}

export interface ServeRotationMessageDependencies {
  readonly work: {
    readonly advance: AdvanceRotation;
    readonly rekeyShard: RekeyShard;
    readonly expirePrevious: ExpirePrevious;
  };
  readonly queue: RotationQueue;
}

/**
 * Does what a message asks for, and sends it again where there is more to do.
 *
 * @param deadline when to stop between two pages, in milliseconds since 1970
 * @throws KeywardError as the use cases and the queue do: the message has to come again
 */
export type ServeRotationMessage = (message: RotationMessage, deadline: number) => Promise<void>;

export const createServeRotationMessage =
  ({ work, queue }: ServeRotationMessageDependencies): ServeRotationMessage =>
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

/** What messages ask for, and what serves one. */
export interface RotationMessages {
  readonly advance: AdvanceRotation;
  readonly rekeyShard: RekeyShard;
  readonly expirePrevious: ExpirePrevious;
  readonly serveMessage: ServeRotationMessage;
}

/** How much one shard's run does at a time. */
export interface RekeyPace {
  /** Rows that are written at a time, and read at a time. Default 25 and 200. */
  readonly rekeyConcurrency?: number;
  readonly rekeyPage?: number;
}

const DEFAULT_REKEY_CONCURRENCY = 25;
const DEFAULT_REKEY_PAGE = 200;

/** What messages bring. */
export function createRotationMessages(parts: RotationParts, pace: RekeyPace = {}): RotationMessages {
  const { advance } = parts;
  const paced = {
    ...parts.ports,
    ...parts,
    concurrency: pace.rekeyConcurrency ?? DEFAULT_REKEY_CONCURRENCY,
    page: pace.rekeyPage ?? DEFAULT_REKEY_PAGE,
  };
  const work = { advance, rekeyShard: createRekeyShard(paced), expirePrevious: createExpirePrevious(paced) };
  return { ...work, serveMessage: createServeRotationMessage({ work, queue: parts.ports.queue }) };
}
