import { createAuditLog } from '../adapters/aws/dynamodb-audit-log';
import { createDynamoDBClient } from '../adapters/aws/dynamodb-client';
import { DynamoDBCredentialStore } from '../adapters/aws/dynamodb-credential-store';
import { DynamoDBKeysetStore } from '../adapters/aws/dynamodb-keyset-store';
import { createPowertoolsLogger } from '../adapters/aws/powertools-logger';
import { PowertoolsMetrics } from '../adapters/aws/powertools-metrics';
import { createSecretsManagerClient } from '../adapters/aws/secrets-manager-client';
import { createKekRotation } from '../adapters/aws/secrets-manager-kek-rotation';
import { SecretsManagerKekStore } from '../adapters/aws/secrets-manager-kek-store';
import { SecretsManagerSecretsProvider } from '../adapters/aws/secrets-manager-secrets-provider';
import { createSqsRewrapQueue } from '../adapters/aws/sqs-rewrap-queue';
import { systemClock } from '../adapters/system/system-clock';
import { createSystemRandomness } from '../adapters/system/system-randomness';
import { toKeywardError } from './domain/errors';
import { readConfiguration, readRewrapQueueUrl, readService, type Configuration } from './environment';
import type { EventRuntime } from './event-handler';
import { AuditTrail } from './usecases/audit-trail';
import { createBootstrap } from './usecases/bootstrap';
import { createEnsureKeysets } from './usecases/ensure-keysets';
import { createRewrapDeks } from './usecases/rewrap-deks';
import { RotateKek } from './usecases/rotate-kek';

/** Nobody waits for an answer here, and a step that fails costs a whole new try. */
const LIMITS = { requestTimeoutMs: 3000, connectionTimeoutMs: 1000, maxAttempts: 3 };

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

/** Plugs a function together that runs in the home region, next to the API. Makes clients, and asks nobody anything. */
const once = <T>(compose: (parts: Parts) => T): (() => T & EventRuntime) => {
  let runtime: (T & EventRuntime) | undefined;
  return () => (runtime ??= fromEnvironment(compose));
};

export const rotateKekFromEnvironment: () => RotateKekRuntime = once((parts) => {
  const { configuration, keysetsIn, metrics, logger } = parts;
  const { homeRegion: region, kekSecret, providers } = configuration;
  return {
    rotateKek: new RotateKek({
      secret: kekStoreIn(parts, region),
      keysets: regionsHomeFirst(configuration).map(keysetsIn),
      providers,
      queue: createSqsRewrapQueue({ region, queueUrl: readRewrapQueueUrl(process.env), ...LIMITS }),
      trail: parts.trail,
      clock: systemClock,
      randomness: parts.randomness,
      metrics,
      logger,
    }),
    isKekSecret: (secretId: string) => isSecret(secretId, kekSecret, region),
  };
});

export const rewrapDeksFromEnvironment: () => RewrapDeksRuntime = once((parts) => {
  const { configuration, keysetsIn, metrics, trail, randomness } = parts;
  const { homeRegion, providers } = configuration;
  const [, ...others] = regionsHomeFirst(configuration);
  return {
    rewrapDeks: createRewrapDeks({
      replicas: [kekStoreIn(parts, homeRegion), ...others.map((region) => kekStoreIn(parts, region))],
      keysets: keysetsIn(homeRegion),
      providers,
      trail,
      randomness,
      metrics,
    }),
  };
});

export const bootstrapFromEnvironment: () => BootstrapRuntime = once((parts) => {
  const { configuration, keysetsIn, metrics, logger, trail, audit, randomness } = parts;
  const { homeRegion, kekSecret: secretId, providers, tables } = configuration;
  const client = createSecretsManagerClient({ region: homeRegion, ...LIMITS });
  const secrets = new SecretsManagerSecretsProvider({
    secretId,
    regions: [{ region: homeRegion, client }],
    clock: systemClock,
    metrics,
    logger,
  });
  return {
    bootstrap: createBootstrap({
      secret: kekStoreIn(parts, homeRegion),
      rotation: createKekRotation({ client, secretId }),
      ensureKeysets: createEnsureKeysets({
        keysets: keysetsIn(homeRegion),
        credentials: new DynamoDBCredentialStore({ client: parts.dynamodb, table: tables.credentials }),
        audit,
        secrets,
        trail,
        clock: systemClock,
        randomness,
      }),
      providers,
      clock: systemClock,
      metrics,
    }),
  };
});

type Parts = ReturnType<typeof createParts>;

function createParts(configuration: Configuration, service: string) {
  const { homeRegion, providers, tables, auditRetentionDays } = configuration;
  const metrics = new PowertoolsMetrics(service);
  const randomness = createSystemRandomness();
  const dynamodb = createDynamoDBClient({ region: homeRegion, ...LIMITS });
  const audit = createAuditLog({
    client: dynamodb,
    table: tables.audit,
    providers,
    clock: systemClock,
    ...(auditRetentionDays !== undefined && { retentionDays: auditRetentionDays }),
  });
  return {
    configuration,
    metrics,
    logger: createPowertoolsLogger(service),
    randomness,
    dynamodb,
    audit,
    trail: new AuditTrail({ sink: audit, clock: systemClock, randomness, metrics, region: homeRegion }),
    keysetsIn: (region: string): DynamoDBKeysetStore =>
      new DynamoDBKeysetStore({
        client: region === homeRegion ? dynamodb : createDynamoDBClient({ region, ...LIMITS }),
        table: tables.keysets,
        region,
      }),
  };
}

/** @throws KeywardError `configuration_invalid`, which it has logged */
function fromEnvironment<T>(compose: (parts: Parts) => T): T & EventRuntime {
  const service = readService(process.env);
  try {
    const parts = createParts(readConfiguration(process.env), service);
    const { logger, metrics } = parts;
    return {
      ...compose(parts),
      logger,
      flush: () => {
        metrics.flush();
      },
    };
  } catch (thrown) {
    const error = toKeywardError(thrown);
    createPowertoolsLogger(service).error(error.message, { code: error.code });
    throw error;
  }
}

const kekStoreIn = ({ configuration: { kekSecret: secretId } }: Parts, region: string): SecretsManagerKekStore =>
  new SecretsManagerKekStore({ client: createSecretsManagerClient({ region, ...LIMITS }), secretId, region });

const regionsHomeFirst = ({ homeRegion, regions }: Configuration): readonly string[] => [
  homeRegion,
  ...regions.filter((region) => region !== homeRegion),
];

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
