import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { failureKindOf, type ErrorName } from '../../../core/errors/error-names';
import type { FailureReason } from '../../../core/errors/failure-reason';
import { toOutsideFailure, type OutsideCall, type OutsideFailure } from '../../../core/errors/outside-failure';
import type { FailureLog } from '../../../core/ports/failure-log';

/** The members of an SDK client that are used here. */
export interface NamableClient {
  /** The same in all clients but for the types of their commands. */
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

/** Data about errors that clients threw, kept outside of them so that the errors stay unchanged. */
const named = new WeakMap<object, NamedFailure>();
const logs = new WeakMap<object, FailureLog>();

const MIDDLEWARE = 'keywardNameFailures';
const SUFFIX = 'Command';

/**
 * Makes a client record service, operation and region of each error that it throws. It wraps the whole SDK call with its retries,
 * so that one call has one failure. Logs nothing: the adapter decides whether an error is a failure or an answer, such as a
 * failed condition ({@link reportFailure}).
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
 * The SDK decides by the status: it retries every 500, 502, 503 and 504, and Lambda answers 502 if KMS refused (@smithy/core,
 * retry: isTransientError; API_Invoke). It does not retry other refusals, except those that it attributes to a wrong clock.
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

/** Calls that wait for the same credentials get the same error object: the second one gets its own copy. */
function remember(thrown: unknown, failure: NamedFailure): Error {
  const isOwn = thrown instanceof Error && !named.has(thrown);
  const error = isOwn ? thrown : Object.assign(new Error('the call failed'), thrown);
  named.set(error, failure);
  return error;
}

/**
 * Makes an error for an unusable answer, or for one that came too late for the client to throw.
 *
 * @param operation name in the service's API
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
 * Reports a client's error as a failure: logs it, at most once a minute.
 *
 * @param reason what was wrong with the answer, if there was one
 * @returns the failure in bounded words; without service, operation and region if no named client threw it
 */
export function reportFailure(thrown: unknown, reason?: FailureReason): OutsideFailure {
  const known = named.get(Object(thrown) as object);
  if (known === undefined) return toOutsideFailure(UNNAMED, thrown);
  const failure = { ...known.failure, ...(reason !== undefined && { reason }) };
  known.log.note(failure);
  return failure;
}
