import { createLambdaKekRotation } from '../../adapters/aws/lambda/lambda-kek-rotation';
import { createLambdaKekVersionReader } from '../../adapters/aws/lambda/lambda-kek-version-reader';
import { createReadVaultSecretId } from '../../adapters/aws/secrets-manager/read-vault-secret-id';
import { createKekRotation } from '../../adapters/aws/secrets-manager/secrets-manager-kek-rotation';
import { SecretsManagerKekStore } from '../../adapters/aws/secrets-manager/secrets-manager-kek-store';
import { SecretsManagerSecretsProvider } from '../../adapters/aws/secrets-manager/secrets-manager-secrets-provider';
import { createSignCallerIdentity } from '../../adapters/aws/sts/sign-caller-identity';
import { readPrivateFile } from '../../adapters/local/private-file';
import { readFunctionVaultSettings } from '../../adapters/vault/function-vault-settings';
import type { VaultAccess } from '../../adapters/vault/kek-paths';
import {
  checkFunctionVault,
  openFunctionVault,
  vaultRegionOf,
  type OpenFunctionVaultOptions,
} from '../../adapters/vault/open-function-vault';
import { VaultKekStore } from '../../adapters/vault/vault-kek-store';
import { createVaultSecretsProvider } from '../../adapters/vault/vault-secrets-provider';
import type { KekSource } from '../contract/environment';
import type { KekHomeStore } from '../kek-move/kek-move-dependencies';
import type { KekPlace } from '../kek-rotation/describe-kek';
import type { KekRotation } from '../kek-rotation/ports/kek-rotation';
import type { KekVersionReader } from '../kek-rotation/ports/kek-secret-store';
import type { PendingKek } from '../kek-rotation/ports/pending-kek';
import type { SecretsProvider } from '../keysets/ports/secrets-provider';
import { readRotateKekFunction } from './configuration';
import type { Outside } from './lazy-runtime';
import { clientOptions, ownSecretsManagerIn, regionFunction, secretsManagerIn } from './compose-clients';
import { madeOnce, oneForEachRegion } from './made-once';

/*
 * The adapters of each home of the KEK: who reads it there, writes it, and has it rotated. compose-kek-homes.ts decides which home
 * serves. Making an adapter makes no outside call.
 */

/** The homes that the configuration names: during a move the target and the old one. */
export const kekSourcesOf = ({ configuration: { kekSource, kekMovingFrom } }: Outside): readonly KekSource[] =>
  kekMovingFrom === undefined ? [kekSource] : [kekSource, kekMovingFrom];

/** Reads the settings of Vault at the first use. Throws KeywardError `configuration_invalid`. */
const vaultOptions = /* @__PURE__ */ madeOnce((deps): OpenFunctionVaultOptions => {
  const { patience, clock, failures, configuration } = deps;
  return {
    settings: readFunctionVaultSettings(process.env, configuration.homeRegion),
    timeoutMs: patience.calls.requestTimeoutMs,
    clock,
    failures,
    readFile: readPrivateFile,
    readSecretId: (secret) => {
      const region = /^arn:aws:secretsmanager:([a-z0-9-]+):/.exec(secret)?.[1] ?? configuration.region;
      return createReadVaultSecretId({ client: ownSecretsManagerIn(deps, region), secret });
    },
    signCallerIdentity: (stsRegion) =>
      createSignCallerIdentity({ signing: ownSecretsManagerIn(deps, configuration.region).config, stsRegion }),
  };
});

const vaultAt = /* @__PURE__ */ oneForEachRegion((deps, vaultRegion): VaultAccess =>
  openFunctionVault(vaultOptions(deps), vaultRegion),
);

/** The Vault that the functions of a region use. */
const vaultIn = (deps: Outside, region: string): VaultAccess =>
  vaultAt(deps, vaultRegionOf(vaultOptions(deps).settings, region));

/** The Vaults that the functions of these regions use, each once. */
const vaultsOf = (deps: Outside, regions: readonly string[]): readonly VaultAccess[] => [
  ...new Set(regions.map((region) => vaultIn(deps, region))),
];

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

const vaultKekIn = (deps: Outside, region: string): VaultKekStore => new VaultKekStore(vaultIn(deps, region));

/** The secret in Vault, for the function that drives its rotation, and the check of what Vault keeps. */
export const vaultKekToRotate = (deps: Outside, region: string) => ({
  secret: vaultKekIn(deps, region),
  check: () => checkFunctionVault(vaultIn(deps, region), vaultOptions(deps)),
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
        place: vaultOptions(deps).settings.kekPath,
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
