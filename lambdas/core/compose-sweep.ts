import { createSecretsManagerClient } from '../adapters/aws/secrets-manager-client';
import { createKekRotation } from '../adapters/aws/secrets-manager-kek-rotation';
import { systemClock } from '../adapters/system/system-clock';
import { kekStoreIn, LIMITS, once, regionsHomeFirst } from './compose-parts';
import { rotationPorts } from './compose-rotations';
import type { EventRuntime } from './event-handler';
import { createRotations, type RotationWork } from './usecases/create-rotations';
import { createRewrapDeks } from './usecases/rewrap-deks';

export interface SweepRuntime extends EventRuntime {
  readonly sweep: RotationWork['sweep'];
}

/** A region's function may have to start first. */
const PROOF_LIMITS = { requestTimeoutMs: 15_000, connectionTimeoutMs: 1000, maxAttempts: 2 };

export const sweepFromEnvironment: () => SweepRuntime = once((parts) => {
  const { configuration, dynamodb, audit, trail, keysetsIn, metrics, logger, randomness } = parts;
  const { homeRegion, kekSecret: secretId, providers, kekRotationIntervalDays } = configuration;
  const [, ...others] = regionsHomeFirst(configuration);
  const secret = kekStoreIn(parts, homeRegion);
  const { sweep } = createRotations({
    ...rotationPorts({
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
    }),
    kek: {
      secret,
      rotation: createKekRotation({ client: createSecretsManagerClient({ region: homeRegion, ...LIMITS }), secretId }),
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
