import type { SQSBatchResponse } from 'aws-lambda';
import * as z from 'zod/mini';
import { rewrapDeksFromEnvironment, type RewrapDeksRuntime } from '../core/runtime/compose-operations';
import { toKeywardError } from '../core/errors/errors';
import { parseStrictJson } from '../core/crypto/strict-json';
import { createEventHandler } from '../core/runtime/event-handler';
import { failureFields } from '../core/ports/failure-fields';
import type { RewrapRequest } from '../core/kek-rotation/ports/rewrap-queue';

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

const rewrapRequest = z.strictObject({
  secret_version_id: z.string().check(z.regex(/^[A-Za-z0-9-]{32,64}$/)),
  kek_id: z.string().check(z.regex(/^[a-z0-9][a-z0-9-]{0,63}$/)),
});

/**
 * Serves a batch of messages. Those that cannot be served yet, or not at all, go back to the queue one by one, and from
 * there to its dead-letter queue.
 */
export const createHandler = (runtime: () => RewrapDeksRuntime) =>
  createEventHandler({
    name: 'rewrap-deks',
    runtime,
    parse: (event) => z.safeParse(sqsEvent, event).data?.Records,
    serve: async (records, on): Promise<SQSBatchResponse> => {
      const batchItemFailures: SQSBatchResponse['batchItemFailures'] = [];
      for (const { messageId, body } of records) {
        if (!(await isServed(body, on))) batchItemFailures.push({ itemIdentifier: messageId });
      }
      return { batchItemFailures };
    },
  });

async function isServed(body: string, { rewrapDeks, logger }: RewrapDeksRuntime): Promise<boolean> {
  const operation = 'rewrap-deks';
  const request = parseRequest(body);
  if (request === undefined) {
    logger.error('message refused: it is not a request to rewrap', { operation });
    return false;
  }
  const fields = { operation, request_id: request.secret_version_id };
  try {
    const outcome = await rewrapDeks(request);
    logger.info(outcome === 'done' ? 'rewrapped' : 'not every region returns the new KEK yet', fields);
    return outcome === 'done';
  } catch (thrown) {
    logger.error(toKeywardError(thrown).message, { ...fields, ...failureFields(thrown) });
    return false;
  }
}

const parseRequest = (body: string): RewrapRequest | undefined =>
  z.safeParse(rewrapRequest, parseStrictJson(body)).data;

export const handler = createHandler(rewrapDeksFromEnvironment);
