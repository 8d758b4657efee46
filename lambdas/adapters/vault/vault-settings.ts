import { DEFAULT_VAULT_KEK_PATH, PENDING_PATH_END, VAULT_ENVIRONMENT } from '../../core/contract/vault';
import { KeywardError } from '../../core/errors/errors';

/** One Vault. */
interface VaultAddress {
  readonly region: string;
  readonly url: URL;
}

/** How a process reaches Vault, checked. */
export interface VaultSettings {
  /** Home first. */
  readonly addresses: readonly [VaultAddress, ...VaultAddress[]];
  readonly namespace: string | undefined;
  /** PEM text, or a path that ends in none. */
  readonly caCert: string | undefined;
  readonly tlsServerName: string | undefined;
  readonly roleId: string;
  readonly secretId: SecretIdSetting;
  readonly kekPath: string;
}

/** Where the AppRole's secret id comes from. */
export type SecretIdSetting =
  | { readonly kind: 'value'; readonly value: string }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'wrapped'; readonly token: string };

type Environment = Readonly<Record<string, string | undefined>>;

const { address, namespace, caCert, tlsServerName, roleId, secretId, secretIdFile, wrappedSecretId, kekPath } =
  VAULT_ENVIRONMENT;

/** What an HTTP header may carry of an id or a token. */
const VISIBLE = /^[\x21-\x7e]{1,4096}$/;
const REGION = /^[a-z0-9-]{1,40}$/;
const LOOPBACK = /^(localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;
const SEGMENT = '[A-Za-z0-9_][A-Za-z0-9_.-]*';
const PATH = new RegExp(`^(?=.{1,256}$)${SEGMENT}(?:/${SEGMENT})+$`);
const NAMESPACE = new RegExp(`^(?=.{1,256}$)${SEGMENT}(?:/${SEGMENT})*/?$`);
const HOST = /^[A-Za-z0-9.-]{1,253}$/;

const invalid = (name: string, rule: string): KeywardError =>
  new KeywardError('configuration_invalid', `${name} ${rule}`);

/**
 * Reads the variables about Vault.
 *
 * @param homeRegion the region of a single address
 * @throws KeywardError `configuration_invalid`, one sentence that names the variable and never has its value
 */
export function readVaultSettings(env: Environment, homeRegion: string): VaultSettings {
  const text = (name: string): string | undefined => env[name] || undefined;
  const matching = (name: string, pattern: RegExp, rule: string): string | undefined => {
    const value = text(name);
    if (value !== undefined && !pattern.test(value)) throw invalid(name, rule);
    return value;
  };
  const role = matching(roleId, VISIBLE, 'must be the role id of an AppRole');
  if (role === undefined) throw invalid(roleId, 'is not set');
  const path = matching(kekPath, PATH, `must be a path with its mount, such as ${DEFAULT_VAULT_KEK_PATH}`);
  if (path?.endsWith(PENDING_PATH_END) === true) throw invalid(kekPath, `must not end in ${PENDING_PATH_END}`);
  return {
    addresses: readAddresses(text(address), homeRegion),
    namespace: matching(namespace, NAMESPACE, 'must be the path of a namespace, such as admin/team'),
    caCert: text(caCert),
    tlsServerName: matching(tlsServerName, HOST, 'must be the name of a host'),
    roleId: role,
    secretId: readSecretId(env),
    kekPath: path ?? DEFAULT_VAULT_KEK_PATH,
  };
}

function readAddresses(text: string | undefined, homeRegion: string): VaultSettings['addresses'] {
  if (text === undefined) throw invalid(address, 'is not set');
  const pairs = text.split(',').map((each) => each.trim());
  const isPaired = pairs.length > 1 || /^[a-z0-9-]+=/.test(text);
  const addresses = pairs.map((pair): VaultAddress => {
    if (!isPaired) return { region: homeRegion, url: readUrl(pair) };
    const [region = '', ...rest] = pair.split('=');
    if (!REGION.test(region))
      throw invalid(address, 'must be one address, or pairs region=address with commas between');
    return { region, url: readUrl(rest.join('=')) };
  });
  if (new Set(addresses.map(({ region }) => region)).size !== addresses.length) {
    throw invalid(address, 'has a region twice');
  }
  return addresses as readonly VaultAddress[] as VaultSettings['addresses'];
}

function readUrl(text: string): URL {
  // The constructor's error would carry the text.
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['https:', 'http:'].includes(url.protocol) || url.username + url.password !== '') {
    throw invalid(address, 'must be an address such as https://vault.example:8200');
  }
  if (url.search + url.hash !== '') throw invalid(address, 'must have no query');
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname)) {
    throw invalid(
      address,
      'must begin with https:// unless Vault is on this machine: the KEK would cross the network in the clear',
    );
  }
  return url;
}

function readSecretId(env: Environment): SecretIdSetting {
  const given = [secretId, secretIdFile, wrappedSecretId].filter((name) => env[name]);
  const [name] = given;
  if (name === undefined) throw invalid(secretId, `is not set, and neither is ${secretIdFile} or ${wrappedSecretId}`);
  if (given.length > 1) throw invalid(given.join(' and '), 'must not be set together');
  const value = env[name] ?? '';
  if (name === secretIdFile) return { kind: 'file', path: value };
  if (!VISIBLE.test(value)) throw invalid(name, 'must be visible ASCII without spaces');
  return name === secretId ? { kind: 'value', value } : { kind: 'wrapped', token: value };
}
