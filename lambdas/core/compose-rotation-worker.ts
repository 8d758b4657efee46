import { systemClock } from '../adapters/system/system-clock';
import { LIMITS, once } from './compose-parts';
import { rotationPorts } from './compose-rotations';
import type { EventRuntime } from './event-handler';
import type { Clock } from './ports/clock';
import { createRotations } from './usecases/create-rotations';
import { createServeRotationMessage, type ServeRotationMessage } from './usecases/serve-rotation-message';

export interface RotationWorkerRuntime extends EventRuntime {
  readonly serve: ServeRotationMessage;
  /** The configured providers; a message of any other is refused. */
  readonly providers: readonly string[];
  readonly shardCount: number;
  readonly clock: Clock;
}

/** Of one message at a time; a region's function may have to start first. */
const PROOF_LIMITS = { requestTimeoutMs: 15_000, connectionTimeoutMs: 1000, maxAttempts: 2 };

export const rotationWorkerFromEnvironment: () => RotationWorkerRuntime = once((parts) => {
  const { configuration, dynamodb, audit, metrics, logger, randomness } = parts;
  const { homeRegion, providers } = configuration;
  const ports = rotationPorts({
    configuration,
    dynamodb,
    limits: LIMITS,
    proofLimits: PROOF_LIMITS,
    region: homeRegion,
    auditSink: audit,
    clock: systemClock,
    randomness,
    metrics,
    logger,
  });
  return {
    serve: createServeRotationMessage({ work: createRotations(ports), queue: ports.queue }),
    providers,
    shardCount: ports.scanner.shardCount,
    clock: systemClock,
  };
});
