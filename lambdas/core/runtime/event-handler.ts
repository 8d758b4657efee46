import { toKeywardError, type KeywardError } from '../errors/errors';
import type { Clock } from '../ports/clock';
import { failureFields } from '../ports/failure-fields';
import type { Logger } from '../ports/logger';

/** Runtime of a function that is not behind the API, without its use case. */
export interface EventRuntime {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Writes the metrics of this invocation. Never throws. */
  readonly flush: () => void;
}

/** Lambda's data of one invocation. */
interface Invocation {
  /** Milliseconds until Lambda stops it; 0 if unknown. */
  readonly remainingMs: () => number;
}

/** A function that an AWS service or Keyward itself invokes: how to parse and serve its event. */
export interface EventFunction<T, E, R> {
  /** Its name in the log. */
  readonly name: string;
  /** Returns the checked event; undefined if it is not an event of this function. */
  readonly parse: (event: unknown, deps: T) => E | undefined | Promise<E | undefined>;
  readonly serve: (event: E, deps: T, invocation: Invocation) => Promise<R>;
  /** The message of a failure for the invoker. Default: only that there was a failure. */
  readonly explain?: (error: KeywardError) => string;
}

/** A function as Lambda calls it. */
export type EventHandler<R> = (event: unknown, context?: LambdaContext) => Promise<R>;

/**
 * Serves one function's events. Refuses any other event, and logs that without its content. Throws an error of one sentence
 * without details, because Lambda logs errors and passes them on.
 *
 * @param runtime called for every event, so it must memoize; if it throws, it has logged the reason
 */
export const createEventHandler =
  <T, E, R>(deps: EventFunction<T, E, R>, runtime: () => NoInfer<T> & EventRuntime): EventHandler<R> =>
  async (event, context) => {
    const explain = deps.explain ?? (() => `${deps.name} failed; see its log`);
    let running: T & EventRuntime;
    try {
      running = runtime();
    } catch (thrown) {
      throw new Error(explain(toKeywardError(thrown)));
    }
    const { logger, flush } = running;
    try {
      const parsed = await deps.parse(event, running);
      if (parsed === undefined) {
        logger.error('event refused: not an event of this function', { operation: deps.name });
        throw new EventRefused(`${deps.name} refused the event: not an event of this function`);
      }
      return await deps.serve(parsed, running, { remainingMs: () => context?.getRemainingTimeInMillis?.() ?? 0 });
    } catch (thrown) {
      if (thrown instanceof EventRefused) throw new Error(thrown.message);
      const error = toKeywardError(thrown);
      logger.error(error.message, { operation: deps.name, ...failureFields(thrown) });
      throw new Error(explain(error));
    } finally {
      flush();
    }
  };

/** The member that is read of Lambda's context object (Lambda Developer Guide, "Using the Lambda context object"). */
interface LambdaContext {
  readonly getRemainingTimeInMillis?: () => number;
}

class EventRefused extends Error {}
