import { toKeywardError, type KeywardError } from '../errors/errors';
import type { Clock } from '../ports/clock';
import { failureFields } from '../ports/failure-fields';
import type { Logger } from '../ports/logger';

/** What a function that is not behind the API runs on, besides its use case. */
export interface EventRuntime {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Writes out the metrics of this invocation. Never throws. */
  readonly flush: () => void;
}

/** What Lambda says of one invocation. */
interface Invocation {
  /** Milliseconds until Lambda stops it; 0 where that is not said. */
  readonly remainingMs: () => number;
}

/** A function that a service of AWS invokes, or Keyward itself: what its event is, and what is done with one. */
export interface EventFunction<T, E, R> {
  /** Its name in the log. */
  readonly name: string;
  /** The event, checked; undefined for one that is not this function's own. */
  readonly parse: (event: unknown, deps: T) => E | undefined | Promise<E | undefined>;
  readonly serve: (event: E, deps: T, invocation: Invocation) => Promise<R>;
  /** What whoever invoked it is told of a failure. Default: that there was one. */
  readonly explain?: (error: KeywardError) => string;
}

/** A function as Lambda calls it. */
export type EventHandler<R> = (event: unknown, context?: LambdaContext) => Promise<R>;

/**
 * Serves one function's events. An event that is not its own is refused, and logged without its content. It fails with an error of
 * one sentence and no details: Lambda writes errors to the log and hands them on.
 *
 * @param runtime called for every event: it memoises. Where it throws it has already logged why.
 */
export const createEventHandler =
  <T, E, R>(deps: EventFunction<T, E, R>, runtime: () => NoInfer<T> & EventRuntime): EventHandler<R> =>
  async (event, context) => {
    const explain = deps.explain ?? (() => `${deps.name} failed; its log says more`);
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
        logger.error('event refused: it is not one of this function', { operation: deps.name });
        throw new EventRefused(`${deps.name} refused the event: it is not one of this function`);
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

/** The member that is read of the object that Lambda hands over (Lambda Developer Guide, "Using the Lambda context object"). */
interface LambdaContext {
  readonly getRemainingTimeInMillis?: () => number;
}

class EventRefused extends Error {}
