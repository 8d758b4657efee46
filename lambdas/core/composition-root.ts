import { createAuditLog } from '../adapters/aws/dynamodb-audit-log';
import { createDynamoDBClient } from '../adapters/aws/dynamodb-client';
import { DynamoDBCredentialStore } from '../adapters/aws/dynamodb-credential-store';
import { DynamoDBKeysetStore } from '../adapters/aws/dynamodb-keyset-store';
import { createPowertoolsLogger } from '../adapters/aws/powertools-logger';
import { PowertoolsMetrics } from '../adapters/aws/powertools-metrics';
import { createSecretsManagerClient } from '../adapters/aws/secrets-manager-client';
import { SecretsManagerSecretsProvider } from '../adapters/aws/secrets-manager-secrets-provider';
import { systemClock } from '../adapters/system/system-clock';
import { createSystemRandomness } from '../adapters/system/system-randomness';
import { toKeywardError } from './domain/errors';
import { readConfiguration, readService, type Configuration } from './environment';
import type { Runtime } from './http/operation';
import type { Clock } from './ports/clock';
import type { Logger } from './ports/logger';
import type { Application } from './usecases/application';
import { createApplication } from './usecases/create-application';

/** A region that does not answer must not use up the caller's patience, nor the time that the next region needs. */
const LIMITS = { requestTimeoutMs: 1000, connectionTimeoutMs: 500, maxAttempts: 2 };

/** Plugs a function together for AWS. Makes clients and caches, and asks nobody anything. */
function compose(
  configuration: Configuration,
  clock: Clock,
  logger: Logger,
  metrics: PowertoolsMetrics,
): Runtime<Application> {
  const { region, regions, homeRegion, tables, providers, auditRetentionDays } = configuration;
  const clients = new Map(regions.map((each) => [each, createDynamoDBClient({ region: each, ...LIMITS })]));
  const clientOf = (each: string) => clients.get(each) ?? createDynamoDBClient({ region: each, ...LIMITS });
  const keysetsIn = (each: string): DynamoDBKeysetStore =>
    new DynamoDBKeysetStore({ client: clientOf(each), table: tables.keysets, region: each });
  const credentialsIn = (each: string): DynamoDBCredentialStore =>
    new DynamoDBCredentialStore({ client: clientOf(each), table: tables.credentials });
  const home = keysetsIn(homeRegion);
  const local = region === homeRegion ? home : keysetsIn(region);
  const others = regions.filter((each) => each !== region && each !== homeRegion).map(keysetsIn);
  const homeCredentials = credentialsIn(homeRegion);
  const audit = createAuditLog({
    client: clientOf(region),
    table: tables.audit,
    providers,
    clock,
    ...(auditRetentionDays !== undefined && { retentionDays: auditRetentionDays }),
  });
  const application = createApplication({
    region,
    providers,
    keysets: { local, home, others },
    keysetsToShow: local,
    credentials: {
      local: region === homeRegion ? homeCredentials : credentialsIn(region),
      home: homeCredentials,
    },
    auditSink: audit,
    auditReader: audit,
    secrets: new SecretsManagerSecretsProvider({
      secretId: configuration.kekSecret,
      regions: configuration.secretsRegions.map((each) => ({
        region: each,
        client: createSecretsManagerClient({ region: each, ...LIMITS }),
      })),
      clock,
      metrics,
      logger,
    }),
    clock,
    randomness: createSystemRandomness(),
    metrics,
  });
  return {
    application,
    providers,
    clock,
    logger,
    flush: () => {
      metrics.flush();
    },
  };
}

let runtime: Runtime<Application> | undefined;

/**
 * The one runtime of this process, made from its environment at the first request. A configuration that is wrong is
 * logged with every request that it stops; what is wrong is for the operator, not for the caller.
 *
 * @throws KeywardError `internal`
 */
export function fromEnvironment(): Promise<Runtime<Application>> {
  const service = readService(process.env);
  const logger = createPowertoolsLogger(service);
  try {
    runtime ??= compose(readConfiguration(process.env), systemClock, logger, new PowertoolsMetrics(service));
    return Promise.resolve(runtime);
  } catch (thrown) {
    const error = toKeywardError(thrown);
    logger.error(error.message, { code: error.code });
    return Promise.reject(toKeywardError(undefined));
  }
}
