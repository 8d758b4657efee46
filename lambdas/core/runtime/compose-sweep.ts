import { createSecretsManagerClient } from '../../adapters/aws/secrets-manager/secrets-manager-client';
import { createKekRotation } from '../../adapters/aws/secrets-manager/secrets-manager-kek-rotation';
import { OPERATIONS_LIMITS } from '../contract/client-limits';
import { kekStoreIn, once } from './compose-parts';
import { rewrapDeksAtHome } from './compose-rewrap-deks';
import { rotationPortsAtHome } from './compose-rotations';
import type { EventRuntime } from './event-handler';
import { createRotations, type RotationWork } from '../dek-rotation/create-rotations';

export interface SweepRuntime extends EventRuntime {
  readonly sweep: RotationWork['sweep'];
}

export const sweepFromEnvironment: () => SweepRuntime = once((parts) => {
  const { homeRegion, kekSecret: secretId, kekRotationIntervalDays } = parts.configuration;
  const { sweep } = createRotations({
    ...rotationPortsAtHome(parts),
    kek: {
      secret: kekStoreIn(parts, homeRegion),
      rotation: createKekRotation({
        client: createSecretsManagerClient({ region: homeRegion, ...OPERATIONS_LIMITS, failures: parts.failures }),
        secretId,
      }),
      rewrapDeks: rewrapDeksAtHome(parts),
      intervalDays: kekRotationIntervalDays,
    },
  });
  return { sweep };
});
