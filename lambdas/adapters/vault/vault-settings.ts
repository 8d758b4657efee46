import { DEFAULT_VAULT_KEK_PATH, PENDING_PATH_END, VAULT_ENVIRONMENT, VAULT_PATTERNS } from '../../core/contract/vault';
import { KeywardError } from '../../core/errors/errors';

/** One Vault. */
interface VaultAddress {
  readonly region: string;
  readonly url: URL;
}

/** Where Vault is, and the KEK in it, checked. */
export interface VaultPlace {
  /** Home first. */
  readonly addresses: readonly [VaultAddress, ...VaultAddress[]];
  readonly namespace: string | undefined;
  /** PEM text, or a path that ends in none. */
  readonly caCert: string | undefined;
  readonly tlsServerName: string | undefined;
  readonly kekPath: string;
}

/** How a process that may keep files reaches Vault, checked. */
export interface VaultSettings extends VaultPlace {
  readonly roleId: string;
  readonly secretId: SecretIdSetting;
}

/** Where the AppRole's secret id comes from. */
export type SecretIdSetting = OwnSecretId | { readonly kind: 'wrapped'; readonly token: string };

/** A secret id that the process has. */
export type OwnSecretId =
  { readonly kind: 'value'; readonly value: string } | { readonly kind: 'file'; readonly path: string };

export type Environment = Readonly<Record<string, string | undefined>>;

const { address, namespace, caCert, tlsServerName, roleId, secretId, secretIdFile, wrappedSecretId, kekPath } =
  VAULT_ENVIRONMENT;

const REGION = /^[a-z0-9-]{1,40}$/;
const LOOPBACK = /^(localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** The error for a variable that is wrong. */
export const invalidVariable = (name: string, rule: string): KeywardError =>
  new KeywardError('configuration_invalid', `${name} ${rule}`);

/**
 * Reads the variables about Vault.
 *
 * @param homeRegion the region of a single address
 * @throws KeywardError `configuration_invalid`, one sentence that names the variable and never has its value
 */
export function readVaultSettings(env: Environment, homeRegion: string): VaultSettings {
  const role = readRoleId(env);
  return { ...readVaultPlace(env, homeRegion), roleId: role, secretId: readSecretId(env) };
}

/** Reads where Vault is. Throws like {@link readVaultSettings}. */
export function readVaultPlace(env: Environment, homeRegion: string): VaultPlace {
  const text = (name: string): string | undefined => env[name] || undefined;
  const path = readMatching(
    env,
    kekPath,
    VAULT_PATTERNS.kekPath,
    `must be a path with its mount, such as ${DEFAULT_VAULT_KEK_PATH}`,
  );
  if (path?.endsWith(PENDING_PATH_END) === true) throw invalidVariable(kekPath, `must not end in ${PENDING_PATH_END}`);
  return {
    addresses: readAddresses(text(address), homeRegion),
    namespace: readMatching(
      env,
      namespace,
      VAULT_PATTERNS.namespace,
      'must be the path of a namespace, such as admin/team',
    ),
    caCert: text(caCert),
    tlsServerName: readMatching(env, tlsServerName, VAULT_PATTERNS.host, 'must be the name of a host'),
    kekPath: path ?? DEFAULT_VAULT_KEK_PATH,
  };
}

/** Reads the role id of the AppRole. Throws like {@link readVaultSettings}. */
export function readRoleId(env: Environment): string {
  const role = readMatching(env, roleId, VAULT_PATTERNS.visible, 'must be the role id of an AppRole');
  if (role === undefined) throw invalidVariable(roleId, 'is not set');
  return role;
}

/** Reads a variable; undefined if it is not set. Throws like {@link readVaultSettings}. */
export function readMatching(env: Environment, name: string, pattern: RegExp, rule: string): string | undefined {
  const value = env[name] || undefined;
  if (value !== undefined && !pattern.test(value)) throw invalidVariable(name, rule);
  return value;
}

function readAddresses(text: string | undefined, homeRegion: string): VaultSettings['addresses'] {
  if (text === undefined) throw invalidVariable(address, 'is not set');
  const pairs = text.split(',').map((each) => each.trim());
  const isPaired = pairs.length > 1 || /^[a-z0-9-]+=/.test(text);
  const addresses = pairs.map((pair): VaultAddress => {
    if (!isPaired) return { region: homeRegion, url: readUrl(pair) };
    const [region = '', ...rest] = pair.split('=');
    if (!REGION.test(region))
      throw invalidVariable(address, 'must be one address, or pairs region=address with commas between');
    return { region, url: readUrl(rest.join('=')) };
  });
  if (new Set(addresses.map(({ region }) => region)).size !== addresses.length) {
    throw invalidVariable(address, 'has a region twice');
  }
  return addresses as readonly VaultAddress[] as VaultSettings['addresses'];
}

function readUrl(text: string): URL {
  // The constructor's error would carry the text.
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['https:', 'http:'].includes(url.protocol) || url.username + url.password !== '') {
    throw invalidVariable(address, 'must be an address such as https://vault.example:8200');
  }
  if (url.search + url.hash !== '') throw invalidVariable(address, 'must have no query');
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname)) {
    throw invalidVariable(
      address,
      'must begin with https:// unless Vault is on this machine: the KEK would cross the network in the clear',
    );
  }
  return url;
}

/** Reads where the secret id comes from. Throws like {@link readVaultSettings}. */
export function readSecretId(env: Environment): SecretIdSetting {
  const given = [secretId, secretIdFile, wrappedSecretId].filter((name) => env[name]);
  const [name] = given;
  if (name === undefined)
    throw invalidVariable(secretId, `is not set, and neither is ${secretIdFile} or ${wrappedSecretId}`);
  if (given.length > 1) throw invalidVariable(given.join(' and '), 'must not be set together');
  const value = env[name] ?? '';
  if (name === secretIdFile) return { kind: 'file', path: value };
  if (!VAULT_PATTERNS.visible.test(value)) throw invalidVariable(name, 'must be visible ASCII without spaces');
  return name === secretId ? { kind: 'value', value } : { kind: 'wrapped', token: value };
}
