import { EmbeddedMetrics } from '../../adapters/aws/observability/embedded-metrics';
import { createFunctionLogger } from '../../adapters/aws/observability/function-logger';
import { createOnceAMinuteFailureLog } from '../../adapters/system/once-a-minute-failure-log';
import { systemClock } from '../../adapters/system/system-clock';
import { createSystemRandomness } from '../../adapters/system/system-randomness';
import type { ClientLimits } from '../contract/client-limits';
import { toKeywardError } from '../errors/errors';
import type { Randomness } from '../crypto/randomness';
import type { Clock } from '../ports/clock';
import type { FailureLog } from '../ports/failure-log';
import type { Logger } from '../ports/logger';
import type { Metrics } from '../ports/metrics';
import { readConfiguration, readService, type Configuration } from './configuration';
import type { EventRuntime } from './event-handler';

/** Timeouts of a function's outside calls. */
export interface Patience {
  readonly calls: ClientLimits;
  /** For a region's proof: the function there may have to start first. */
  readonly proofs: ClientLimits;
}

/** What every function has: its configuration, clock, log, metrics and limits. */
export interface Outside {
  readonly configuration: Configuration;
  readonly patience: Patience;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly failures: FailureLog;
  readonly metrics: Metrics;
  readonly randomness: Randomness;
}

/**
 * The one runtime of a process, made from its environment at the first event. If the configuration is not valid, every event logs
 * the fault.
 *
 * @param compose makes clients and caches; makes no outside call
 * @returns a function that throws KeywardError `configuration_invalid`, which it has logged
 */
export function lazyRuntime<T extends object>(
  patience: Patience,
  compose: (outside: Outside) => T,
): () => T & EventRuntime {
  let runtime: (T & EventRuntime) | undefined;
  return () => (runtime ??= makeRuntime(patience, compose));
}

function makeRuntime<T extends object>(patience: Patience, compose: (outside: Outside) => T): T & EventRuntime {
  const service = readService(process.env);
  const clock = systemClock;
  const logger = createFunctionLogger(service, clock);
  try {
    const metrics = new EmbeddedMetrics(service, clock);
    const failures = createOnceAMinuteFailureLog({ clock, logger });
    const randomness = createSystemRandomness();
    const configuration = readConfiguration(process.env);
    return {
      ...compose({ configuration, patience, clock, logger, failures, metrics, randomness }),
      clock,
      logger,
      flush: () => {
        metrics.flush();
      },
    };
  } catch (thrown) {
    const error = toKeywardError(thrown);
    logger.error(error.message, { code: error.code });
    throw error;
  }
}
