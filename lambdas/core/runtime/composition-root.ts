import { createAuditLog } from '../../adapters/aws/dynamodb/dynamodb-audit-log';
import { createDynamoDBClient } from '../../adapters/aws/dynamodb/dynamodb-client';
import { DynamoDBCredentialStore } from '../../adapters/aws/dynamodb/dynamodb-credential-store';
import { DynamoDBKeysetStore } from '../../adapters/aws/dynamodb/dynamodb-keyset-store';
import { createSecretsManagerClient } from '../../adapters/aws/secrets-manager/secrets-manager-client';
import { SecretsManagerSecretsProvider } from '../../adapters/aws/secrets-manager/secrets-manager-secrets-provider';
import { storedProviders } from '../../adapters/aws/dynamodb/stored-providers';
import { API_LIMITS } from '../contract/client-limits';
import { apiRuntime, type ApiParts } from './compose-api-runtime';
import type { Application } from './application';
import { createApplication } from './create-application';

/** Plugs a function together that serves the API. Makes clients and caches, and asks nobody anything. */
function compose({ configuration, clock, logger, failures, metrics, randomness }: ApiParts): Application {
  const { region, regions, homeRegion, tables, providers, auditRetentionDays } = configuration;
  const newClient = (each: string) => createDynamoDBClient({ region: each, ...API_LIMITS, failures });
  const clients = new Map(regions.map((each) => [each, newClient(each)]));
  const clientOf = (each: string) => clients.get(each) ?? newClient(each);
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
    stored: storedProviders({ keysets: local, clock }),
    clock,
    ...(auditRetentionDays !== undefined && { retentionDays: auditRetentionDays }),
  });
  return createApplication({
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
        client: createSecretsManagerClient({ region: each, ...API_LIMITS, failures }),
      })),
      clock,
      metrics,
      logger,
    }),
    clock,
    randomness,
    metrics,
  });
}

/** The runtime of every function behind the API but those for rotations. */
export const fromEnvironment = apiRuntime(compose);
