import { systemClock } from '../adapters/system/system-clock';
import { once } from './compose-parts';
import { rotationPortsAtHome } from './compose-rotations';
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

export const rotationWorkerFromEnvironment: () => RotationWorkerRuntime = once((parts) => {
  const { providers } = parts.configuration;
  const ports = rotationPortsAtHome(parts);
  return {
    serve: createServeRotationMessage({ work: createRotations(ports), queue: ports.queue }),
    providers,
    shardCount: ports.scanner.shardCount,
    clock: systemClock,
  };
});
