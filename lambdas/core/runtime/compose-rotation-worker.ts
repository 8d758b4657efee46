import { systemClock } from '../../adapters/system/system-clock';
import { once } from './compose-parts';
import { rotationPortsAtHome } from './compose-rotations';
import type { EventRuntime } from './event-handler';
import type { Clock } from '../ports/clock';
import { createRotations } from '../dek-rotation/create-rotations';
import { storedIn, type KnownProviders } from '../keysets/known-provider';
import { createServeRotationMessage, type ServeRotationMessage } from '../dek-rotation/serve-rotation-message';

/** A message of a provider that it does not know is refused. */
export interface RotationWorkerRuntime extends EventRuntime, KnownProviders {
  readonly serve: ServeRotationMessage;
  readonly shardCount: number;
  readonly clock: Clock;
}

export const rotationWorkerFromEnvironment: () => RotationWorkerRuntime = once((parts) => {
  const { providers } = parts.configuration;
  const ports = rotationPortsAtHome(parts);
  return {
    serve: createServeRotationMessage({ work: createRotations(ports), queue: ports.queue }),
    providers,
    isStored: storedIn(ports.keysets),
    shardCount: ports.scanner.shardCount,
    clock: systemClock,
  };
});
