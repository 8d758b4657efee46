import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { failureKindOf, type ErrorName } from '../../../core/errors/error-names';
import type { FailureReason } from '../../../core/errors/failure-reason';
import { toOutsideFailure, type OutsideCall, type OutsideFailure } from '../../../core/errors/outside-failure';
import type { FailureLog } from '../../../core/ports/failure-log';

/** A client of the SDK, as far as it is used here. */
export interface NamableClient {
  /** Alike in all of them but for the types of their commands. */
  readonly middlewareStack: unknown;
  readonly config: {
    readonly serviceId: string;
    readonly region: () => Promise<string>;
    retryStrategy: DynamoDBClient['config']['retryStrategy'];
  };
}

interface NamedFailure {
  readonly failure: OutsideFailure;
  readonly log: FailureLog;
}

/** What is known of errors that a client threw: beside them, so that they stay what the SDK made them. */
const named = new WeakMap<object, NamedFailure>();
const logs = new WeakMap<object, FailureLog>();

const MIDDLEWARE = 'keywardNameFailures';
const SUFFIX = 'Command';

/**
 * Makes a client remember of each error that it throws who was asked for what, and where. Around everything that the SDK does,
 * its retries included, so that one call has one failure. Nothing is logged yet: whether an error is a failure, or an answer
 * such as that of a condition, the adapter says ({@link reportFailure}).
 */
export function nameFailures<C extends NamableClient>(client: C, log: FailureLog): C {
  logs.set(client, log);
  const stack = client.middlewareStack as DynamoDBClient['middlewareStack'];
  stack.add(
    (next, context) => async (args) => {
      try {
        return await next(args);
      } catch (thrown) {
        const operation = (context.commandName ?? SUFFIX).slice(0, -SUFFIX.length);
        throw remember(thrown, { failure: toOutsideFailure(await callOf(client, operation), thrown), log });
      }
    },
    { step: 'initialize', priority: 'high', name: MIDDLEWARE, override: true },
  );
  retryOutagesOnly(client);
  return client;
}

type RetryStrategy = Awaited<ReturnType<NamableClient['config']['retryStrategy']>>;

/**
 * The SDK tells by the status: it sends again whatever is answered with 500, 502, 503 or 504, and Lambda answers 502 where KMS
 * has refused (@smithy/core, retry: isTransientError; API_Invoke). Other refusals it does not send again, but for those that it has
 * found to come of a wrong clock.
 */
function retryOutagesOnly({ config }: NamableClient): void {
  const { retryStrategy } = config;
  config.retryStrategy = async () => {
    const standard = await retryStrategy();
    if (!('acquireInitialRetryToken' in standard)) return standard;
    const ours: RetryStrategy = {
      acquireInitialRetryToken: (scope) => standard.acquireInitialRetryToken(scope),
      refreshRetryTokenForRetry: (token, info) =>
        isServerError(info.error) && failureKindOf(info.error) !== 'outage'
          ? Promise.reject(new Error('it would be refused again'))
          : standard.refreshRetryTokenForRetry(token, info),
      recordSuccess: (token) => {
        standard.recordSuccess(token);
      },
    };
    return ours;
  };
}

const isServerError = (error: unknown): boolean =>
  ((Object(error) as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode ?? 0) >= 500;

const callOf = async ({ config }: NamableClient, operation: string): Promise<OutsideCall> => ({
  service: config.serviceId,
  operation,
  region: await config.region(),
});

/** Calls that wait for the same credentials get the very same error: the second one gets a copy of its own. */
function remember(thrown: unknown, failure: NamedFailure): Error {
  const isOwn = thrown instanceof Error && !named.has(thrown);
  const error = isOwn ? thrown : Object.assign(new Error('the call failed'), thrown);
  named.set(error, failure);
  return error;
}

/**
 * An error for an answer that came, and is none to be used; also for one that came too late for the caller to be thrown by the client.
 *
 * @param operation as the service's API calls it
 */
export async function unusableAnswer(
  client: NamableClient,
  operation: string,
  name: ErrorName = 'UnusableAnswer',
): Promise<Error> {
  const error = Object.assign(new Error('the answer cannot be used'), { name });
  const log = logs.get(client);
  if (log !== undefined) named.set(error, { failure: toOutsideFailure(await callOf(client, operation), error), log });
  return error;
}

const UNNAMED = { service: 'unknown', operation: 'unknown', region: 'unknown' };

/** Whether a named client threw it. */
export const isNamed = (thrown: unknown): boolean => named.has(Object(thrown) as object);

/**
 * Says of an error that a client threw that it is a failure: logs it, at most once a minute.
 *
 * @param reason what the answer lacked, where one came
 * @returns the failure in bounded words, for those who decide; without its place where no named client threw it
 */
export function reportFailure(thrown: unknown, reason?: FailureReason): OutsideFailure {
  const known = named.get(Object(thrown) as object);
  if (known === undefined) return toOutsideFailure(UNNAMED, thrown);
  const failure = { ...known.failure, ...(reason !== undefined && { reason }) };
  known.log.note(failure);
  return failure;
}
