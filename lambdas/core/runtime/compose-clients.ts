import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createCredentialsProbe } from '../../adapters/aws/dynamodb/credentials-probe';
import { createDynamoDBClient } from '../../adapters/aws/dynamodb/dynamodb-client';
import { createSecretsManagerClient } from '../../adapters/aws/secrets-manager/secrets-manager-client';
import type { LeasedCredentials } from '../../adapters/aws/leased-credentials';
import { readPrivateFile } from '../../adapters/local/private-file';
import { endWithProcess } from '../../adapters/system/end-with-process';
import { readAwsCredentialsPath } from '../../adapters/vault/aws-credentials-path';
import { AwsLeases } from '../../adapters/vault/aws-leases';
import { readOwnVaultSettings } from '../../adapters/vault/function-vault-settings';
import { openOwnVault, vaultRegionOf } from '../../adapters/vault/open-function-vault';
import { VaultAwsCredentials } from '../../adapters/vault/vault-aws-credentials';
import { readProveKeysetFunction } from './configuration';
import type { Outside } from './lazy-runtime';
import { madeOnce, oneForEachRegion } from './made-once';

/*
 * The clients of the AWS services, one for each region, and their credentials. Making one makes no outside call.
 */

export const dynamodbIn: (deps: Outside, region: string) => DynamoDBClient = /* @__PURE__ */ oneForEachRegion(
  (deps, region) => createDynamoDBClient(clientOptions(deps, region)),
);

export const secretsManagerIn: (deps: Outside, region: string) => SecretsManagerClient =
  /* @__PURE__ */ oneForEachRegion((deps, region) => createSecretsManagerClient(clientOptions(deps, region)));

/** With the function's own credentials, whatever other clients are given: it logs in at Vault with them. */
export const ownSecretsManagerIn: (deps: Outside, region: string) => SecretsManagerClient =
  /* @__PURE__ */ oneForEachRegion(({ patience, failures }, region) =>
    createSecretsManagerClient({ region, ...patience.calls, failures }),
  );

/** For an exchange with Vault that makes credentials: it makes several calls of IAM for one user meanwhile. */
const MAKING_MS = 10_000;

/** The credentials of a process outside AWS, from Vault; none: the process's own. */
const leasedCredentials = /* @__PURE__ */ madeOnce((deps): { readonly leased?: LeasedCredentials } => {
  const path = readAwsCredentialsPath(process.env);
  if (path === undefined) return {};
  const { clock, logger, failures, configuration } = deps;
  const { homeRegion, regions, tables } = configuration;
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
export const clientOptions = (deps: Outside, region: string) => ({
  region,
  ...deps.patience.calls,
  failures: deps.failures,
  ...leasedCredentials(deps),
});

/** What calls `prove-keyset` in a region. */
export const regionFunction = (deps: Outside, region: string) => ({
  ...clientOptions(deps, region),
  ...deps.patience.proofs,
  functionName: readProveKeysetFunction(process.env),
});
