import { DynamoDBCredentialStore } from '../../adapters/aws/dynamodb/dynamodb-credential-store';
import { createSecretsManagerClient } from '../../adapters/aws/secrets-manager/secrets-manager-client';
import { createKekRotation } from '../../adapters/aws/secrets-manager/secrets-manager-kek-rotation';
import { SecretsManagerSecretsProvider } from '../../adapters/aws/secrets-manager/secrets-manager-secrets-provider';
import { createSqsRewrapQueue } from '../../adapters/aws/sqs/sqs-rewrap-queue';
import { systemClock } from '../../adapters/system/system-clock';
import { OPERATIONS_LIMITS } from '../contract/client-limits';
import { kekStoreIn, once, regionsHomeFirst } from './compose-parts';
import { rewrapDeksAtHome } from './compose-rewrap-deks';
import { readRewrapQueueUrl, readService } from './environment';
import type { EventRuntime } from './event-handler';
import { createBootstrap } from '../kek-rotation/bootstrap';
import { createEnsureKeysets } from '../kek-rotation/ensure-keysets';
import type { createRewrapDeks } from '../kek-rotation/rewrap-deks';
import { RotateKek } from '../kek-rotation/rotate-kek';

export interface RotateKekRuntime extends EventRuntime {
  readonly rotateKek: RotateKek;
  /** Whether a secret's name or ARN is that of the one secret that this function rotates. */
  readonly isKekSecret: (secretId: string) => boolean;
}

export interface RewrapDeksRuntime extends EventRuntime {
  readonly rewrapDeks: ReturnType<typeof createRewrapDeks>;
}

export interface BootstrapRuntime extends EventRuntime {
  readonly bootstrap: ReturnType<typeof createBootstrap>;
}

export const rotateKekFromEnvironment: () => RotateKekRuntime = once((parts) => {
  const { configuration, keysetsIn, metrics, logger, failures } = parts;
  const { homeRegion: region, kekSecret } = configuration;
  return {
    rotateKek: new RotateKek({
      secret: kekStoreIn(parts, region),
      keysets: regionsHomeFirst(configuration).map(keysetsIn),
      queue: createSqsRewrapQueue({
        region,
        queueUrl: readRewrapQueueUrl(process.env),
        ...OPERATIONS_LIMITS,
        failures,
      }),
      trail: parts.trail,
      clock: systemClock,
      randomness: parts.randomness,
      metrics,
      logger,
    }),
    isKekSecret: (secretId: string) => isSecret(secretId, kekSecret, region),
  };
});

export const rewrapDeksFromEnvironment: () => RewrapDeksRuntime = once((parts) => ({
  rewrapDeks: rewrapDeksAtHome(parts),
}));

export const bootstrapFromEnvironment: () => BootstrapRuntime = once((parts) => {
  const { configuration, keysetsIn, metrics, logger, failures, trail, audit, randomness } = parts;
  const { homeRegion, kekSecret: secretId, providers, tables } = configuration;
  const client = createSecretsManagerClient({ region: homeRegion, ...OPERATIONS_LIMITS, failures });
  const secrets = new SecretsManagerSecretsProvider({
    secretId,
    regions: [{ region: homeRegion, client }],
    clock: systemClock,
    metrics,
    logger,
  });
  const [, ...others] = regionsHomeFirst(configuration);
  const logGroup = (name: string): string => `/aws/lambda/${readService(process.env)}-${name}`;
  return {
    bootstrap: createBootstrap({
      secret: kekStoreIn(parts, homeRegion),
      regions: others.map((region) => ({ region, secret: kekStoreIn(parts, region), keysets: keysetsIn(region) })),
      logGroups: { bootstrap: logGroup('bootstrap'), rotateKek: logGroup('rotate-kek') },
      rotation: createKekRotation({ client, secretId }),
      ensureKeysets: createEnsureKeysets({
        keysets: keysetsIn(homeRegion),
        credentials: new DynamoDBCredentialStore({ client: parts.dynamodb, table: tables.credentials }),
        audit,
        secrets,
        trail,
        clock: systemClock,
        randomness,
        gracePeriodDays: configuration.gracePeriodDays,
      }),
      providers,
      trail,
      audit,
      clock: systemClock,
      randomness,
      metrics,
      logger,
    }),
  };
});

/**
 * By name, or by an ARN of that name in the home region: Secrets Manager adds a hyphen and six characters to the name
 * (API_CreateSecret). Calls always use the configured name, so an event cannot make them go elsewhere.
 */
function isSecret(secretId: string, configured: string, region: string): boolean {
  if (secretId === configured) return true;
  const [, secretRegion, name] = SECRET_ARN.exec(secretId) ?? [];
  return secretRegion === region && name === configured;
}

const SECRET_ARN = /^arn:aws(?:-[a-z-]+)?:secretsmanager:([a-z0-9-]+):\d{12}:secret:(.+)-[A-Za-z0-9]{6}$/;
