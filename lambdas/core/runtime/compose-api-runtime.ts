import { createPowertoolsLogger } from '../../adapters/aws/observability/powertools-logger';
import { PowertoolsMetrics } from '../../adapters/aws/observability/powertools-metrics';
import { createOnceAMinuteFailureLog } from '../../adapters/system/once-a-minute-failure-log';
import { systemClock } from '../../adapters/system/system-clock';
import { createSystemRandomness } from '../../adapters/system/system-randomness';
import { toKeywardError } from '../errors/errors';
import type { Randomness } from '../crypto/randomness';
import { readConfiguration, readService, type Configuration } from './environment';
import type { Runtime } from '../http/operation';
import type { Clock } from '../ports/clock';
import type { FailureLog } from '../ports/failure-log';
import type { Logger } from '../ports/logger';
import type { Metrics } from '../ports/metrics';

/** What every function behind the API is made of. */
export interface ApiParts {
  readonly configuration: Configuration;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly failures: FailureLog;
  readonly metrics: Metrics;
  readonly randomness: Randomness;
}

/**
 * The one runtime of a process, made from its environment at the first request. A configuration that is wrong is logged
 * with every request that it stops; what is wrong is for the operator, not for the caller.
 *
 * @returns a function that rejects with KeywardError `internal` where there is none
 */
export const apiRuntime = <A>(compose: (parts: ApiParts) => A): (() => Promise<Runtime<A>>) => {
  let runtime: Runtime<A> | undefined;
  return () => {
    const service = readService(process.env);
    const logger = createPowertoolsLogger(service);
    try {
      runtime ??= makeRuntime(compose, service, logger);
      return Promise.resolve(runtime);
    } catch (thrown) {
      const error = toKeywardError(thrown);
      logger.error(error.message, { code: error.code });
      return Promise.reject(toKeywardError(undefined));
    }
  };
};

function makeRuntime<A>(compose: (parts: ApiParts) => A, service: string, logger: Logger): Runtime<A> {
  const configuration = readConfiguration(process.env);
  const clock = systemClock;
  const metrics = new PowertoolsMetrics(service);
  const failures = createOnceAMinuteFailureLog({ clock, logger });
  return {
    application: compose({ configuration, clock, logger, failures, metrics, randomness: createSystemRandomness() }),
    providers: configuration.providers,
    clock,
    logger,
    flush: () => {
      metrics.flush();
    },
  };
}
