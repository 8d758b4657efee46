import { createAuditLog } from '../../adapters/aws/dynamodb/dynamodb-audit-log';
import { createDynamoDBClient } from '../../adapters/aws/dynamodb/dynamodb-client';
import { DynamoDBKeysetStore } from '../../adapters/aws/dynamodb/dynamodb-keyset-store';
import { createPowertoolsLogger } from '../../adapters/aws/observability/powertools-logger';
import { PowertoolsMetrics } from '../../adapters/aws/observability/powertools-metrics';
import { createSecretsManagerClient } from '../../adapters/aws/secrets-manager/secrets-manager-client';
import { SecretsManagerKekStore } from '../../adapters/aws/secrets-manager/secrets-manager-kek-store';
import { createOnceAMinuteFailureLog } from '../../adapters/system/once-a-minute-failure-log';
import { systemClock } from '../../adapters/system/system-clock';
import { createSystemRandomness } from '../../adapters/system/system-randomness';
import { OPERATIONS_LIMITS } from '../contract/client-limits';
import { toKeywardError } from '../errors/errors';
import { readConfiguration, readService, type Configuration } from './environment';
import type { EventRuntime } from './event-handler';
import { AuditTrail } from '../audit/audit-trail';

/** What every function beside the API is made of; clients are those of the home region. */
export type Parts = ReturnType<typeof createParts>;

/** Plugs a function together that runs beside the API. Makes clients, and asks nobody anything. */
export const once = <T>(compose: (parts: Parts) => T): (() => T & EventRuntime) => {
  let runtime: (T & EventRuntime) | undefined;
  return () => (runtime ??= fromEnvironment(compose));
};

function createParts(configuration: Configuration, service: string) {
  const { homeRegion, providers, tables, auditRetentionDays } = configuration;
  const metrics = new PowertoolsMetrics(service);
  const logger = createPowertoolsLogger(service);
  const failures = createOnceAMinuteFailureLog({ clock: systemClock, logger });
  const randomness = createSystemRandomness();
  const dynamodb = createDynamoDBClient({ region: homeRegion, ...OPERATIONS_LIMITS, failures });
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
    logger,
    failures,
    randomness,
    dynamodb,
    audit,
    trail: new AuditTrail({ sink: audit, clock: systemClock, randomness, metrics, region: homeRegion }),
    keysetsIn: (region: string): DynamoDBKeysetStore =>
      new DynamoDBKeysetStore({
        client: region === homeRegion ? dynamodb : createDynamoDBClient({ region, ...OPERATIONS_LIMITS, failures }),
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

export const kekStoreIn = (
  { configuration: { kekSecret: secretId }, failures }: Parts,
  region: string,
): SecretsManagerKekStore =>
  new SecretsManagerKekStore({
    client: createSecretsManagerClient({ region, ...OPERATIONS_LIMITS, failures }),
    secretId,
    region,
  });

export const regionsHomeFirst = ({ homeRegion, regions }: Configuration): readonly string[] => [
  homeRegion,
  ...regions.filter((region) => region !== homeRegion),
];
