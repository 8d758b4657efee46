import { createAuditGroupCommit } from '../../adapters/aws/dynamodb/audit-group-commit';
import { createAuditLog, createAuditSink } from '../../adapters/aws/dynamodb/dynamodb-audit-log';
import { DynamoDBCredentialScanner } from '../../adapters/aws/dynamodb/dynamodb-credential-scanner';
import { DynamoDBCredentialStore } from '../../adapters/aws/dynamodb/dynamodb-credential-store';
import { DynamoDBKekMoveStore } from '../../adapters/aws/dynamodb/dynamodb-kek-move-store';
import { DynamoDBKeysetStore } from '../../adapters/aws/dynamodb/dynamodb-keyset-store';
import { createOpenIntents } from '../../adapters/aws/dynamodb/dynamodb-open-intents';
import { DynamoDBDekRotationStore } from '../../adapters/aws/dynamodb/dynamodb-dek-rotation-store';
import { insertAuditGroup } from '../../adapters/aws/dynamodb/insert-audit-group';
import { storedProviders } from '../../adapters/aws/dynamodb/stored-providers';
import { createLambdaKekHomeReporter } from '../../adapters/aws/lambda/lambda-kek-home-reporter';
import { createLambdaRegionProver } from '../../adapters/aws/lambda/lambda-region-prover';
import { createSqsRewrapQueue } from '../../adapters/aws/sqs/sqs-rewrap-queue';
import { createSqsDekRotationQueue } from '../../adapters/aws/sqs/sqs-dek-rotation-queue';
import type { AuditReader, AuditSink } from '../audit/ports/audit-log';
import { AUDIT_RETRY_MS } from '../contract/protocol-times';
import type { OpenIntents } from '../audit/ports/open-intents';
import type { RegionProver } from '../dek-rotation/ports/region-prover';
import type { DekRotationQueue } from '../dek-rotation/ports/dek-rotation-queue';
import type { KekHomeReporter } from '../kek-move/ports/kek-home-reporter';
import type { KekMoveStore } from '../kek-move/ports/kek-move-store';
import type { RewrapQueue } from '../kek-rotation/ports/rewrap-queue';
import { readRewrapQueueUrl, readDekRotationQueueUrl, type Configuration } from './configuration';
import type { Outside } from './lazy-runtime';
import { clientOptions, dynamodbIn, regionFunction } from './compose-clients';

/*
 * Every AWS adapter but those of the KEK's homes is made here, each by a function of its own, so that a bundle leaves out those
 * that its function does not call. Making an adapter makes no outside call.
 */

export const keysetsIn = (deps: Outside, region: string): DynamoDBKeysetStore =>
  new DynamoDBKeysetStore({ client: dynamodbIn(deps, region), table: deps.configuration.tables.keysets, region });

export const credentialsIn = (deps: Outside, region: string): DynamoDBCredentialStore =>
  new DynamoDBCredentialStore({ client: dynamodbIn(deps, region), table: deps.configuration.tables.credentials });

export const credentialScannerIn = (deps: Outside, region: string): DynamoDBCredentialScanner =>
  new DynamoDBCredentialScanner({ client: dynamodbIn(deps, region), table: deps.configuration.tables.credentials });

export const dekRotationsIn = (deps: Outside, region: string): DynamoDBDekRotationStore =>
  new DynamoDBDekRotationStore({ client: dynamodbIn(deps, region), table: deps.configuration.tables.rotations });

export const kekMovesIn = (deps: Outside, region: string): KekMoveStore =>
  new DynamoDBKekMoveStore({ client: dynamodbIn(deps, region), table: deps.configuration.tables.rotations });

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

/** @throws KeywardError `configuration_invalid` */
export const rewrapQueueIn = (deps: Outside, region: string): RewrapQueue =>
  createSqsRewrapQueue({ ...clientOptions(deps, region), queueUrl: readRewrapQueueUrl(process.env) });

/** @throws KeywardError `configuration_invalid` */
export const dekRotationQueueIn = (deps: Outside, region: string): DekRotationQueue =>
  createSqsDekRotationQueue({ ...clientOptions(deps, region), queueUrl: readDekRotationQueueUrl(process.env) });

/** Which home the functions of a region read. */
export const kekHomeReporterIn = (deps: Outside, region: string): KekHomeReporter =>
  createLambdaKekHomeReporter(regionFunction(deps, region));

/** @throws KeywardError `configuration_invalid` */
export const proverIn = (deps: Outside, region: string): RegionProver =>
  createLambdaRegionProver(regionFunction(deps, region));

/** All regions, home first. */
export const regionsHomeFirst = ({ homeRegion, regions }: Configuration): readonly [string, ...string[]] => [
  homeRegion,
  ...regions.filter((region) => region !== homeRegion),
];
