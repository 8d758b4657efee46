import { toKeywardError, type KeywardError } from '../errors/errors';
import { failureFields } from '../ports/failure-fields';
import type { Logger } from '../ports/logger';

/** What a function that is not behind the API runs on, besides its use case. */
export interface EventRuntime {
  readonly logger: Logger;
  /** Writes out the metrics of this invocation. Never throws. */
  readonly flush: () => void;
}

/** What Lambda says of one invocation. */
interface Invocation {
  /** Milliseconds until Lambda stops it; 0 where that is not said. */
  readonly remainingMs: () => number;
}

export interface EventFunction<T extends EventRuntime, E, R> {
  /** Its name in the log. */
  readonly name: string;
  /** Called for every event: it memoises. Where it throws it has already logged why. */
  readonly runtime: () => T;
  /** The event, checked; undefined for one that is not this function's own. */
  readonly parse: (event: unknown, runtime: T) => E | undefined | Promise<E | undefined>;
  readonly serve: (event: E, runtime: T, invocation: Invocation) => Promise<R>;
  /** What whoever invoked it is told of a failure. Default: that there was one. */
  readonly explain?: (error: KeywardError) => string;
}

/**
 * A function that a service of AWS invokes. An event that is not its own is refused, and logged without its content.
 * It fails with an error of one sentence and no details: Lambda writes errors to the log and hands them on.
 */
export const createEventHandler =
  <T extends EventRuntime, E, R>(on: EventFunction<T, E, R>) =>
  async (event: unknown, context?: LambdaContext): Promise<R> => {
    const explain = on.explain ?? (() => `${on.name} failed; its log says more`);
    let runtime: T;
    try {
      runtime = on.runtime();
    } catch (thrown) {
      throw new Error(explain(toKeywardError(thrown)));
    }
    const { logger, flush } = runtime;
    try {
      const parsed = await on.parse(event, runtime);
      if (parsed === undefined) {
        logger.error('event refused: it is not one of this function', { operation: on.name });
        throw new EventRefused(`${on.name} refused the event: it is not one of this function`);
      }
      return await on.serve(parsed, runtime, { remainingMs: () => context?.getRemainingTimeInMillis?.() ?? 0 });
    } catch (thrown) {
      if (thrown instanceof EventRefused) throw new Error(thrown.message);
      const error = toKeywardError(thrown);
      logger.error(error.message, { operation: on.name, ...failureFields(thrown) });
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
