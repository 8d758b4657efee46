import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createCredentialsProbe } from '../../adapters/aws/dynamodb/credentials-probe';
import { createAuditGroupCommit } from '../../adapters/aws/dynamodb/audit-group-commit';
import { createAuditLog, createAuditSink } from '../../adapters/aws/dynamodb/dynamodb-audit-log';
import { createDynamoDBClient } from '../../adapters/aws/dynamodb/dynamodb-client';
import { DynamoDBCredentialScanner } from '../../adapters/aws/dynamodb/dynamodb-credential-scanner';
import { DynamoDBCredentialStore } from '../../adapters/aws/dynamodb/dynamodb-credential-store';
import { DynamoDBKekMoveStore } from '../../adapters/aws/dynamodb/dynamodb-kek-move-store';
import { DynamoDBKeysetStore } from '../../adapters/aws/dynamodb/dynamodb-keyset-store';
import { createOpenIntents } from '../../adapters/aws/dynamodb/dynamodb-open-intents';
import { DynamoDBDekRotationStore } from '../../adapters/aws/dynamodb/dynamodb-dek-rotation-store';
import { insertAuditGroup } from '../../adapters/aws/dynamodb/insert-audit-group';
import { storedProviders } from '../../adapters/aws/dynamodb/stored-providers';
import { createLambdaKekHomeReporter } from '../../adapters/aws/lambda/lambda-kek-home-reporter';
import { createLambdaKekRotation } from '../../adapters/aws/lambda/lambda-kek-rotation';
import { createLambdaKekVersionReader } from '../../adapters/aws/lambda/lambda-kek-version-reader';
import { createLambdaRegionProver } from '../../adapters/aws/lambda/lambda-region-prover';
import { createReadVaultSecretId } from '../../adapters/aws/secrets-manager/read-vault-secret-id';
import { createSecretsManagerClient } from '../../adapters/aws/secrets-manager/secrets-manager-client';
import { createKekRotation } from '../../adapters/aws/secrets-manager/secrets-manager-kek-rotation';
import { SecretsManagerKekStore } from '../../adapters/aws/secrets-manager/secrets-manager-kek-store';
import { SecretsManagerSecretsProvider } from '../../adapters/aws/secrets-manager/secrets-manager-secrets-provider';
import type { LeasedCredentials } from '../../adapters/aws/leased-credentials';
import { createSqsRewrapQueue } from '../../adapters/aws/sqs/sqs-rewrap-queue';
import { createSqsDekRotationQueue } from '../../adapters/aws/sqs/sqs-dek-rotation-queue';
import { createSignCallerIdentity } from '../../adapters/aws/sts/sign-caller-identity';
import { readPrivateFile } from '../../adapters/local/private-file';
import { endWithProcess } from '../../adapters/system/end-with-process';
import { readAwsCredentialsPath } from '../../adapters/vault/aws-credentials-path';
import { AwsLeases } from '../../adapters/vault/aws-leases';
import { readFunctionVaultSettings, readOwnVaultSettings } from '../../adapters/vault/function-vault-settings';
import type { VaultAccess } from '../../adapters/vault/kek-paths';
import {
  checkFunctionVault,
  openFunctionVault,
  openOwnVault,
  vaultRegionOf,
  type OpenFunctionVaultOptions,
} from '../../adapters/vault/open-function-vault';
import { VaultAwsCredentials } from '../../adapters/vault/vault-aws-credentials';
import { VaultKekStore } from '../../adapters/vault/vault-kek-store';
import { createVaultSecretsProvider } from '../../adapters/vault/vault-secrets-provider';
import type { AuditReader, AuditSink } from '../audit/ports/audit-log';
import type { KekSource } from '../contract/environment';
import { AUDIT_RETRY_MS } from '../contract/protocol-times';
import type { OpenIntents } from '../audit/ports/open-intents';
import type { RegionProver } from '../dek-rotation/ports/region-prover';
import type { DekRotationQueue } from '../dek-rotation/ports/dek-rotation-queue';
import type { KekHomeStore } from '../kek-move/kek-move-dependencies';
import type { KekHomeReporter } from '../kek-move/ports/kek-home-reporter';
import type { KekMoveStore } from '../kek-move/ports/kek-move-store';
import type { KekPlace } from '../kek-rotation/describe-kek';
import type { KekRotation } from '../kek-rotation/ports/kek-rotation';
import type { KekVersionReader } from '../kek-rotation/ports/kek-secret-store';
import type { PendingKek } from '../kek-rotation/ports/pending-kek';
import type { RewrapQueue } from '../kek-rotation/ports/rewrap-queue';
import type { SecretsProvider } from '../keysets/ports/secrets-provider';
import {
  readProveKeysetFunction,
  readRotateKekFunction,
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

const dynamodbIn: (deps: Outside, region: string) => DynamoDBClient = oneForEachRegion((deps, region) =>
  createDynamoDBClient(clientOptions(deps, region)),
);

const secretsManagerIn: (deps: Outside, region: string) => SecretsManagerClient = oneForEachRegion((deps, region) =>
  createSecretsManagerClient(clientOptions(deps, region)),
);

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

/** The homes that the configuration names: during a move the target and the old one. */
export const kekSourcesOf = ({ configuration: { kekSource, kekMovingFrom } }: Outside): readonly KekSource[] =>
  kekMovingFrom === undefined ? [kekSource] : [kekSource, kekMovingFrom];

/** With the function's own credentials, whatever other clients are given: it logs in at Vault with them. */
const ownSecretsManagerIn: (deps: Outside, region: string) => SecretsManagerClient = oneForEachRegion(
  ({ patience, failures }, region) => createSecretsManagerClient({ region, ...patience.calls, failures }),
);

/** Reads the settings of Vault at the first use. Throws KeywardError `configuration_invalid`. */
const vaultOptions = oneForEachRegion((deps, homeRegion): OpenFunctionVaultOptions => {
  const { patience, clock, failures } = deps;
  return {
    settings: readFunctionVaultSettings(process.env, homeRegion),
    timeoutMs: patience.calls.requestTimeoutMs,
    clock,
    failures,
    readFile: readPrivateFile,
    readSecretId: (secret) => {
      const region = /^arn:aws:secretsmanager:([a-z0-9-]+):/.exec(secret)?.[1] ?? deps.configuration.region;
      return createReadVaultSecretId({ client: ownSecretsManagerIn(deps, region), secret });
    },
    signCallerIdentity: (stsRegion) =>
      createSignCallerIdentity({ signing: ownSecretsManagerIn(deps, deps.configuration.region).config, stsRegion }),
  };
});

const vaultAt = oneForEachRegion((deps, vaultRegion): VaultAccess =>
  openFunctionVault(vaultOptions(deps, deps.configuration.homeRegion), vaultRegion),
);

/** For an exchange with Vault that makes credentials: it makes several calls of IAM for one user meanwhile. */
const MAKING_MS = 10_000;

/** The credentials of a process outside AWS, from Vault; none: the process's own. */
const leasedCredentials = oneForEachRegion((deps, homeRegion): { readonly leased?: LeasedCredentials } => {
  const path = readAwsCredentialsPath(process.env);
  if (path === undefined) return {};
  const { clock, logger, failures, configuration } = deps;
  const { regions, tables } = configuration;
  const settings = readOwnVaultSettings(process.env, homeRegion);
  const options = { settings, timeoutMs: MAKING_MS, clock, failures, readFile: readPrivateFile };
  const vaultRegions = [...new Set(regions.map((region) => vaultRegionOf(settings, region)))];
  const sources = vaultRegions.map((region) => new AwsLeases({ ...openOwnVault(options, region), clock, path }));
  const works = createCredentialsProbe({ regions, table: tables.keysets, failures });
  const leased = new VaultAwsCredentials({ sources, works, clock, logger });
  endWithProcess(() => leased.end(), process);
  return { leased };
});

/** What every client has but those that log in at Vault. */
const clientOptions = (deps: Outside, region: string) => ({
  region,
  ...deps.patience.calls,
  failures: deps.failures,
  ...leasedCredentials(deps, deps.configuration.homeRegion),
});

/** The Vaults that the functions of these regions use, each once. */
const vaultsOf = (deps: Outside, regions: readonly string[]): readonly VaultAccess[] => {
  const { settings } = vaultOptions(deps, deps.configuration.homeRegion);
  return [...new Set(regions.map((region) => vaultRegionOf(settings, region)))].map((each) => vaultAt(deps, each));
};

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
  vault: (deps, regions) =>
    createVaultSecretsProvider({
      regions: vaultsOf(deps, regions),
      clock: deps.clock,
      metrics: deps.metrics,
      logger: deps.logger,
    }),
};

/** Reads the KEKs of one home in these regions, in this order. */
export const secretsOf = (deps: Outside, home: KekSource, regions: readonly string[]): SecretsProvider =>
  SECRETS[home](deps, regions);

/** The KEK secret of one home as a function in this region reads it from there. */
export const kekSecretOf = (deps: Outside, home: KekSource, region: string): KekHomeStore =>
  home === 'vault' ? vaultKekIn(deps, region) : secretsManagerKekIn(deps, region);

const secretsManagerKekIn = (deps: Outside, region: string): SecretsManagerKekStore =>
  new SecretsManagerKekStore({
    client: secretsManagerIn(deps, region),
    secretId: deps.configuration.kekSecret,
    region,
  });

const vaultKekIn = (deps: Outside, region: string): VaultKekStore =>
  new VaultKekStore(...(vaultsOf(deps, [region]) as [VaultAccess]));

/** The secret in Vault, for the function that drives its rotation, and the check of what Vault keeps. */
export const vaultKekToRotate = (deps: Outside, region: string) => ({
  secret: vaultKekIn(deps, region),
  check: () => {
    const [access] = vaultsOf(deps, [region]) as [VaultAccess];
    return checkFunctionVault(access, vaultOptions(deps, deps.configuration.homeRegion));
  },
});

/** Where the KEK is in one home, for who describes it, and who counts the tries of its rotation. */
export const kekPlaceOf = (
  deps: Outside,
  home: KekSource,
  region: string,
): KekPlace & { readonly pending?: PendingKek } =>
  home === 'vault'
    ? {
        source: 'vault',
        place: vaultOptions(deps, region).settings.kekPath,
        pending: vaultKekIn(deps, region),
      }
    : { source: 'aws', place: deps.configuration.kekSecret };

/**
 * Which KEK the functions of another region read: its replica tells it, but of Vault, and where two homes are configured, only they
 * know what they reach.
 */
export const kekVersionOf = (deps: Outside, region: string): KekVersionReader =>
  kekSourcesOf(deps).includes('vault')
    ? createLambdaKekVersionReader(regionFunction(deps, region))
    : secretsManagerKekIn(deps, region);

/** Which home the functions of a region read. */
export const kekHomeReporterIn = (deps: Outside, region: string): KekHomeReporter =>
  createLambdaKekHomeReporter(regionFunction(deps, region));

const regionFunction = (deps: Outside, region: string) => ({
  ...clientOptions(deps, region),
  ...deps.patience.proofs,
  functionName: readProveKeysetFunction(process.env),
});

/** What rotates the KEK in one home. `resume` is there if Keyward drives it: Secrets Manager drives that of its own secrets. */
export const kekRotationOf = (
  deps: Outside,
  home: KekSource,
  region: string,
): KekRotation & { resume?: () => Promise<void> } =>
  home === 'vault'
    ? kekRotatorIn(deps, region)
    : createKekRotation({ client: secretsManagerIn(deps, region), secretId: deps.configuration.kekSecret });

/** The one function that writes the KEK where no Secrets Manager asks it to. */
export const kekRotatorIn = (deps: Outside, region: string): ReturnType<typeof createLambdaKekRotation> =>
  createLambdaKekRotation({
    ...clientOptions(deps, region),
    functionName: readRotateKekFunction(process.env),
  });

/** @throws KeywardError `configuration_invalid` */
export const rewrapQueueIn = (deps: Outside, region: string): RewrapQueue =>
  createSqsRewrapQueue({ ...clientOptions(deps, region), queueUrl: readRewrapQueueUrl(process.env) });

/** @throws KeywardError `configuration_invalid` */
export const dekRotationQueueIn = (deps: Outside, region: string): DekRotationQueue =>
  createSqsDekRotationQueue({ ...clientOptions(deps, region), queueUrl: readDekRotationQueueUrl(process.env) });

/** @throws KeywardError `configuration_invalid` */
export const proverIn = (deps: Outside, region: string): RegionProver =>
  createLambdaRegionProver(regionFunction(deps, region));

/** All regions, home first. */
export const regionsHomeFirst = ({ homeRegion, regions }: Configuration): readonly [string, ...string[]] => [
  homeRegion,
  ...regions.filter((region) => region !== homeRegion),
];
