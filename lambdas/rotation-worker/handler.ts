import type { SQSBatchResponse } from 'aws-lambda';
import { WORKER_RESERVE_MS } from '../core/contract/function-times';
import * as z from 'zod/mini';
import { rotationWorkerFromEnvironment, type RotationWorkerRuntime } from '../core/runtime/compose-rotation-worker';
import { toKeywardError } from '../core/errors/errors';
import { isProvider } from '../core/crypto/provider';
import { ROTATION_ID_PATTERN } from '../core/dek-rotation/rotation-id';
import { parseStrictJson } from '../core/crypto/strict-json';
import { createEventHandler } from '../core/runtime/event-handler';
import { failureFields } from '../core/ports/failure-fields';
import type { LogFields } from '../core/ports/logger';
import type { RotationMessage } from '../core/dek-rotation/ports/rotation-queue';
import { isKnownProvider } from '../core/keysets/known-provider';

/** The members of an SQS event that are read (Lambda Developer Guide, "Using Lambda with Amazon SQS"). */
const sqsEvent = z.object({
  Records: z
    .array(
      z.object({
        messageId: z.string().check(z.minLength(1)),
        body: z.string(),
        eventSource: z.literal('aws:sqs'),
      }),
    )
    .check(z.minLength(1)),
});

const rotationMessage = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('advance'), provider: z.string() }),
  z.strictObject({
    kind: z.literal('rekey'),
    provider: z.string(),
    rotation_id: z.nullable(z.string().check(z.regex(ROTATION_ID_PATTERN))),
    shard: z.int().check(z.minimum(0)),
  }),
]);

/**
 * Serves a batch of messages, one after the other. Those that fail go back to the queue one by one, and from there to its
 * dead-letter queue.
 */
export const createHandler = (runtime: () => RotationWorkerRuntime) =>
  createEventHandler({
    name: 'rotation-worker',
    runtime,
    parse: (event) => z.safeParse(sqsEvent, event).data?.Records,
    serve: async (records, on, { remainingMs }): Promise<SQSBatchResponse> => {
      const batchItemFailures: SQSBatchResponse['batchItemFailures'] = [];
      for (const { messageId, body } of records) {
        const deadline = on.clock.now() + remainingMs() - WORKER_RESERVE_MS;
        if (!(await isServed(body, on, deadline))) batchItemFailures.push({ itemIdentifier: messageId });
      }
      return { batchItemFailures };
    },
  });

async function isServed(body: string, on: RotationWorkerRuntime, deadline: number): Promise<boolean> {
  const message = parseMessage(body, on);
  const refuse = (): false => {
    on.logger.error('message refused: it is not one of a rotation', { operation: 'rotation-worker' });
    return false;
  };
  if (message === undefined) return refuse();
  const fields: LogFields = {
    operation: message.kind,
    ...(isProvider(message.provider) && { provider: message.provider }),
    ...(message.kind === 'rekey' && message.rotation_id !== null && { request_id: message.rotation_id }),
  };
  try {
    if (!(await isKnownProvider(message.provider, on))) return refuse();
    await on.serve(message, deadline);
    on.logger.info('message served', fields);
    return true;
  } catch (thrown) {
    on.logger.error(toKeywardError(thrown).message, { ...fields, ...failureFields(thrown) });
    return false;
  }
}

function parseMessage(
  body: string,
  { shardCount }: Pick<RotationWorkerRuntime, 'shardCount'>,
): RotationMessage | undefined {
  const { data } = z.safeParse(rotationMessage, parseStrictJson(body));
  if (data === undefined) return undefined;
  return data.kind === 'rekey' && data.shard >= shardCount ? undefined : data;
}

export const handler = createHandler(rotationWorkerFromEnvironment);
