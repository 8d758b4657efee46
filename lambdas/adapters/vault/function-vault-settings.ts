import { VAULT_AUTH_METHODS, VAULT_ENVIRONMENT, VAULT_PATTERNS, type VaultAuthMethod } from '../../core/contract/vault';
import {
  invalidVariable,
  readMatching,
  readRoleId,
  readSecretId,
  readVaultPlace,
  type Environment,
  type OwnSecretId,
  type VaultPlace,
} from './vault-settings';

/** How a function reaches Vault, checked. */
export interface FunctionVaultSettings extends VaultPlace {
  readonly login: FunctionLogin;
}

/** How a process outside AWS reaches Vault that gets its credentials there, checked. */
export interface OwnVaultSettings extends VaultPlace {
  readonly login: OwnLogin;
}

/** With a secret id that the process has itself. */
export interface OwnLogin {
  readonly method: 'own';
  readonly roleId: string;
  readonly secretId: OwnSecretId;
}

/** With a secret id that is in Secrets Manager, with one of its own, or with the function's own role. */
export type FunctionLogin =
  | { readonly method: 'approle'; readonly roleId: string; readonly secret: string }
  | OwnLogin
  | {
      readonly method: 'aws';
      readonly role: string;
      readonly serverId: string | undefined;
      readonly stsRegion: string | undefined;
    };

const {
  address,
  auth,
  awsCredentials,
  awsRole,
  awsServerId,
  awsStsRegion,
  caCert,
  secretId,
  secretIdFile,
  secretIdSecret,
  wrappedSecretId,
} = VAULT_ENVIRONMENT;

const STS_REGION = /^[a-z]{2}(?:-[a-z]+)+-\d$/;

/**
 * Reads a function's variables about Vault.
 *
 * @param homeRegion the region of a single address
 * @throws KeywardError `configuration_invalid`, one sentence that names the variable and never has its value
 */
export function readFunctionVaultSettings(env: Environment, homeRegion: string): FunctionVaultSettings {
  if (env[awsCredentials]) return readOwnVaultSettings(env, homeRegion);
  for (const name of [secretId, secretIdFile, wrappedSecretId]) {
    // A secret does not belong into a function's configuration; it has no file of its own; and each instance would unwrap anew.
    if (env[name]) throw invalidVariable(name, `is not for functions: set ${secretIdSecret}, or ${auth}=aws`);
  }
  return { ...readPlace(env, homeRegion), login: readLogin(env) };
}

/** Reads the variables of a process that gets its credentials from Vault. Throws like {@link readFunctionVaultSettings}. */
export function readOwnVaultSettings(env: Environment, homeRegion: string): OwnVaultSettings {
  return { ...readPlace(env, homeRegion), login: readOwnLogin(env) };
}

function readPlace(env: Environment, homeRegion: string): VaultPlace {
  const place = readVaultPlace(env, homeRegion);
  if (place.caCert !== undefined && !place.caCert.includes('-----BEGIN CERTIFICATE-----')) {
    throw invalidVariable(caCert, 'holds no certificate in PEM');
  }
  const home = place.addresses.find(({ region }) => region === homeRegion);
  if (home === undefined) throw invalidVariable(address, 'has no pair for the home region');
  const others = place.addresses.filter((each) => each !== home);
  return { ...place, addresses: [home, ...others] };
}

/** It has no credentials yet to ask Secrets Manager with, or to sign with. */
function readOwnLogin(env: Environment): OwnLogin {
  const other = env[auth] === 'aws' ? auth : [secretIdSecret, awsRole].find((name) => env[name]);
  if (other !== undefined) throw invalidVariable(other, `must not be set with ${awsCredentials}: set ${secretIdFile}`);
  const own = readSecretId(env);
  if (own.kind === 'wrapped') throw invalidVariable(wrappedSecretId, `is not for functions: set ${secretIdFile}`);
  return { method: 'own', roleId: readRoleId(env), secretId: own };
}

function readLogin(env: Environment): FunctionLogin {
  const method = VAULT_AUTH_METHODS.find((each) => each === (env[auth] || VAULT_AUTH_METHODS[0]));
  if (method === undefined) throw invalidVariable(auth, `must be ${VAULT_AUTH_METHODS.join(' or ')}`);
  return LOGINS[method](env);
}

const LOGINS: Readonly<Record<VaultAuthMethod, (env: Environment) => FunctionLogin>> = {
  approle: (env) => ({
    method: 'approle',
    roleId: readRoleId(env),
    secret: needed(env, secretIdSecret, VAULT_PATTERNS.secret, 'must be the name or the ARN of a secret'),
  }),
  aws: (env) => ({
    method: 'aws',
    role: needed(env, awsRole, VAULT_PATTERNS.role, 'must be the name of a role'),
    serverId: readMatching(env, awsServerId, VAULT_PATTERNS.visible, 'must be visible ASCII without spaces'),
    stsRegion: readMatching(env, awsStsRegion, STS_REGION, 'must be a region'),
  }),
};

function needed(env: Environment, name: string, pattern: RegExp, rule: string): string {
  const value = readMatching(env, name, pattern, rule);
  if (value === undefined) throw invalidVariable(name, 'is not set');
  return value;
}
