import type { SQSBatchResponse } from 'aws-lambda';
import * as z from 'zod/mini';
import { parseStrictJson } from '../crypto/strict-json';
import { toKeywardError } from '../errors/errors';
import { failureFields } from '../ports/failure-fields';
import type { LogFields } from '../ports/logger';
import { createEventHandler, type EventHandler, type EventRuntime } from './event-handler';

/** A function that serves the messages of a queue: how to parse and serve a message. */
export interface QueueFunction<T, M> {
  /** Its name in the log. */
  readonly name: string;
  /** Log message for an invalid message. */
  readonly refusal: string;
  readonly schema: z.ZodMiniType<M>;
  /** Whether a message belongs to this deployment. Default: yes. */
  readonly accepts?: (message: M, deps: T) => boolean | Promise<boolean>;
  /** Log fields of a message, without its outcome. */
  readonly fields: (message: M) => LogFields;
  /** Milliseconds of the function's time to keep in reserve. Default 0. */
  readonly reserveMs?: number;
  /**
   * @param deadline when to stop, in milliseconds since 1970
   * @throws if the message must be delivered again
   */
  readonly serve: (message: M, deps: T, deadline: number) => Promise<ServedMessage>;
}

interface ServedMessage {
  /** False: the message must be delivered again. */
  readonly done: boolean;
  /** Its outcome, for the log. */
  readonly outcome: string;
}

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

/** Whether an event is a batch of messages, for a function that serves others, too. */
export const isQueueEvent = (event: unknown): boolean => z.safeParse(sqsEvent, event).success;

/**
 * Serves a batch of messages in order. A message that cannot be served (yet) goes back to the queue by itself, and later to the
 * dead-letter queue.
 */
export const createQueueHandler = <T, M>(
  deps: QueueFunction<T, M>,
  runtime: () => NoInfer<T> & EventRuntime,
): EventHandler<SQSBatchResponse> =>
  createEventHandler(
    {
      name: deps.name,
      parse: (event) => z.safeParse(sqsEvent, event).data?.Records,
      serve: async (records, running: T & EventRuntime, { remainingMs }) => {
        const batchItemFailures: SQSBatchResponse['batchItemFailures'] = [];
        for (const { messageId, body } of records) {
          const deadline = running.clock.now() + remainingMs() - (deps.reserveMs ?? 0);
          if (!(await isServed(deps, body, running, deadline))) batchItemFailures.push({ itemIdentifier: messageId });
        }
        return { batchItemFailures };
      },
    },
    runtime,
  );

async function isServed<T, M>(
  deps: QueueFunction<T, M>,
  body: string,
  running: T & EventRuntime,
  deadline: number,
): Promise<boolean> {
  const { logger } = running;
  const refuse = (): false => {
    logger.error(deps.refusal, { operation: deps.name });
    return false;
  };
  const { success, data: message } = z.safeParse(deps.schema, parseStrictJson(body));
  if (!success) return refuse();
  const fields = { operation: deps.name, ...deps.fields(message) };
  try {
    if (deps.accepts !== undefined && !(await deps.accepts(message, running))) return refuse();
    const { done, outcome } = await deps.serve(message, running, deadline);
    logger.info(outcome, fields);
    return done;
  } catch (thrown) {
    logger.error(toKeywardError(thrown).message, { ...fields, ...failureFields(thrown) });
    return false;
  }
}
