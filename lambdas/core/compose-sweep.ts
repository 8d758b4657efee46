import { createSecretsManagerClient } from '../adapters/aws/secrets-manager-client';
import { createKekRotation } from '../adapters/aws/secrets-manager-kek-rotation';
import { kekStoreIn, LIMITS, once, regionsHomeFirst } from './compose-parts';
import { rotationPortsAtHome } from './compose-rotations';
import type { EventRuntime } from './event-handler';
import { createRotations, type RotationWork } from './usecases/create-rotations';
import { createRewrapDeks } from './usecases/rewrap-deks';

export interface SweepRuntime extends EventRuntime {
  readonly sweep: RotationWork['sweep'];
}

export const sweepFromEnvironment: () => SweepRuntime = once((parts) => {
  const { configuration, trail, keysetsIn, metrics, randomness, failures } = parts;
  const { homeRegion, kekSecret: secretId, providers, kekRotationIntervalDays } = configuration;
  const [, ...others] = regionsHomeFirst(configuration);
  const secret = kekStoreIn(parts, homeRegion);
  const { sweep } = createRotations({
    ...rotationPortsAtHome(parts),
    kek: {
      secret,
      rotation: createKekRotation({
        client: createSecretsManagerClient({ region: homeRegion, ...LIMITS, failures }),
        secretId,
      }),
      rewrapDeks: createRewrapDeks({
        replicas: [secret, ...others.map((region) => kekStoreIn(parts, region))],
        keysets: keysetsIn(homeRegion),
        providers,
        trail,
        randomness,
        metrics,
      }),
      intervalDays: kekRotationIntervalDays,
    },
  });
  return { sweep };
});
