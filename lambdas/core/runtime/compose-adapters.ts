import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createAuditGroupCommit } from '../../adapters/aws/dynamodb/audit-group-commit';
import { createAuditLog, createAuditSink } from '../../adapters/aws/dynamodb/dynamodb-audit-log';
import { createDynamoDBClient } from '../../adapters/aws/dynamodb/dynamodb-client';
import { DynamoDBCredentialScanner } from '../../adapters/aws/dynamodb/dynamodb-credential-scanner';
import { DynamoDBCredentialStore } from '../../adapters/aws/dynamodb/dynamodb-credential-store';
import { DynamoDBKeysetStore } from '../../adapters/aws/dynamodb/dynamodb-keyset-store';
import { createOpenIntents } from '../../adapters/aws/dynamodb/dynamodb-open-intents';
import { DynamoDBDekRotationStore } from '../../adapters/aws/dynamodb/dynamodb-dek-rotation-store';
import { insertAuditGroup } from '../../adapters/aws/dynamodb/insert-audit-group';
import { storedProviders } from '../../adapters/aws/dynamodb/stored-providers';
import { createLambdaRegionProver } from '../../adapters/aws/lambda/lambda-region-prover';
import { createSecretsManagerClient } from '../../adapters/aws/secrets-manager/secrets-manager-client';
import { createKekRotation } from '../../adapters/aws/secrets-manager/secrets-manager-kek-rotation';
import { SecretsManagerKekStore } from '../../adapters/aws/secrets-manager/secrets-manager-kek-store';
import { SecretsManagerSecretsProvider } from '../../adapters/aws/secrets-manager/secrets-manager-secrets-provider';
import { createSqsRewrapQueue } from '../../adapters/aws/sqs/sqs-rewrap-queue';
import { createSqsDekRotationQueue } from '../../adapters/aws/sqs/sqs-dek-rotation-queue';
import type { AuditReader, AuditSink } from '../audit/ports/audit-log';
import type { KekSource } from '../contract/environment';
import { AUDIT_RETRY_MS } from '../contract/protocol-times';
import type { OpenIntents } from '../audit/ports/open-intents';
import type { RegionProver } from '../dek-rotation/ports/region-prover';
import type { DekRotationQueue } from '../dek-rotation/ports/dek-rotation-queue';
import type { KekRotation } from '../kek-rotation/ports/kek-rotation';
import type { RewrapQueue } from '../kek-rotation/ports/rewrap-queue';
import type { SecretsProvider } from '../keysets/ports/secrets-provider';
import {
  readProveKeysetFunction,
  readRewrapQueueUrl,
  readDekRotationQueueUrl,
  type Configuration,
} from './configuration';
import type { Outside } from './lazy-runtime';

/*
 * Every AWS adapter is made here, each by a function of its own, so that a bundle leaves out those that its function
 * does not call. Making an adapter makes no outside call.
 */

/** Makes one adapter per region, at its first use. The mark lets a bundle leave out its unused callers. */
// @__NO_SIDE_EFFECTS__
function oneForEachRegion<C>(make: (deps: Outside, region: string) => C): (deps: Outside, region: string) => C {
  const made = new WeakMap<Outside, Map<string, C>>();
  return (deps, region) => {
    const clients = made.get(deps) ?? new Map<string, C>();
    made.set(deps, clients);
    const client = clients.get(region) ?? make(deps, region);
    clients.set(region, client);
    return client;
  };
}

const dynamodbIn: (deps: Outside, region: string) => DynamoDBClient = oneForEachRegion(
  ({ patience, failures }, region) => createDynamoDBClient({ region, ...patience.calls, failures }),
);

const secretsManagerIn: (deps: Outside, region: string) => SecretsManagerClient = oneForEachRegion(
  ({ patience, failures }, region) => createSecretsManagerClient({ region, ...patience.calls, failures }),
);

export const keysetsIn = (deps: Outside, region: string): DynamoDBKeysetStore =>
  new DynamoDBKeysetStore({ client: dynamodbIn(deps, region), table: deps.configuration.tables.keysets, region });

export const credentialsIn = (deps: Outside, region: string): DynamoDBCredentialStore =>
  new DynamoDBCredentialStore({ client: dynamodbIn(deps, region), table: deps.configuration.tables.credentials });

export const credentialScannerIn = (deps: Outside, region: string): DynamoDBCredentialScanner =>
  new DynamoDBCredentialScanner({ client: dynamodbIn(deps, region), table: deps.configuration.tables.credentials });

export const dekRotationsIn = (deps: Outside, region: string): DynamoDBDekRotationStore =>
  new DynamoDBDekRotationStore({ client: dynamodbIn(deps, region), table: deps.configuration.tables.rotations });

export const auditSinkIn = (deps: Outside, region: string): AuditSink =>
  createAuditSink({ client: dynamodbIn(deps, region), table: deps.configuration.tables.audit, ...retention(deps) });

/** The audit sink of a function whose events come together: those of a batch. */
export const groupedAuditSinkIn = (deps: Outside, region: string): AuditSink =>
  createAuditGroupCommit({
    write: insertAuditGroup({ client: dynamodbIn(deps, region), table: deps.configuration.tables.audit }),
    clock: deps.clock,
    randomness: deps.randomness,
    deadlineMs: AUDIT_RETRY_MS,
    ...retention(deps),
  });

/** @param stored left out: a query without a provider searches only the configured ones */
export const auditLogIn = (
  deps: Outside,
  region: string,
  stored?: ReturnType<typeof storedProvidersIn>,
): AuditSink & AuditReader =>
  createAuditLog({
    client: dynamodbIn(deps, region),
    table: deps.configuration.tables.audit,
    providers: deps.configuration.providers,
    ...(stored !== undefined && { stored }),
    clock: deps.clock,
    ...retention(deps),
  });

/** The providers that have a keyset in a region. */
export const storedProvidersIn = (deps: Outside, region: string) =>
  storedProviders({ keysets: keysetsIn(deps, region), clock: deps.clock });

const retention = ({ configuration: { auditRetentionDays } }: Outside) =>
  auditRetentionDays === undefined ? {} : { retentionDays: auditRetentionDays };

export const openIntentsIn = (deps: Outside, region: string): OpenIntents =>
  createOpenIntents({ client: dynamodbIn(deps, region), table: deps.configuration.tables.audit, clock: deps.clock });

/** Readers of the KEKs by source. */
const SECRETS: Readonly<Record<KekSource, (deps: Outside, regions: readonly string[]) => SecretsProvider>> = {
  aws: (deps, regions) =>
    new SecretsManagerSecretsProvider({
      secretId: deps.configuration.kekSecret,
      regions: regions.map((region) => ({ region, client: secretsManagerIn(deps, region) })),
      clock: deps.clock,
      metrics: deps.metrics,
      logger: deps.logger,
    }),
};

/** Reads the KEKs in these regions, in this order. */
export const secretsFrom = (deps: Outside, regions: readonly string[]): SecretsProvider =>
  SECRETS[deps.configuration.kekSource](deps, regions);

export const kekSecretIn = (deps: Outside, region: string): SecretsManagerKekStore =>
  new SecretsManagerKekStore({
    client: secretsManagerIn(deps, region),
    secretId: deps.configuration.kekSecret,
    region,
  });

export const kekRotationIn = (deps: Outside, region: string): KekRotation =>
  createKekRotation({ client: secretsManagerIn(deps, region), secretId: deps.configuration.kekSecret });

/** @throws KeywardError `configuration_invalid` */
export const rewrapQueueIn = ({ patience, failures }: Outside, region: string): RewrapQueue =>
  createSqsRewrapQueue({ region, queueUrl: readRewrapQueueUrl(process.env), ...patience.calls, failures });

/** @throws KeywardError `configuration_invalid` */
export const dekRotationQueueIn = ({ patience, failures }: Outside, region: string): DekRotationQueue =>
  createSqsDekRotationQueue({ region, queueUrl: readDekRotationQueueUrl(process.env), ...patience.calls, failures });

/** @throws KeywardError `configuration_invalid` */
export const proverIn = ({ patience, failures }: Outside, region: string): RegionProver =>
  createLambdaRegionProver({
    region,
    functionName: readProveKeysetFunction(process.env),
    ...patience.proofs,
    failures,
  });

/** All regions, home first. */
export const regionsHomeFirst = ({ homeRegion, regions }: Configuration): readonly [string, ...string[]] => [
  homeRegion,
  ...regions.filter((region) => region !== homeRegion),
];
