import { KEK_SOURCES, type KekSource } from '../lambdas/core/contract/environment';
import {
  DEFAULT_VAULT_KEK_PATH,
  PENDING_PATH_END,
  VAULT_AUTH_METHODS,
  VAULT_PATTERNS,
} from '../lambdas/core/contract/vault';

/** Where the KEK of a deployment is. */
export interface KekConfiguration {
  readonly provider: KekSource;
  /** Where it comes from while it is being moved. */
  readonly movingFrom: KekSource | undefined;
  /** How functions reach Vault; undefined: the KEK neither is nor was there. */
  readonly vault: VaultConfiguration | undefined;
}

interface VaultConfiguration {
  /** As `VAULT_ADDR`: one address, or pairs `region=address`. */
  readonly address: string;
  readonly namespace: string | undefined;
  /** PEM. */
  readonly caCertificate: string | undefined;
  readonly tlsServerName: string | undefined;
  readonly kekPath: string;
  /** Of the functions that read the KEK. */
  readonly reader: VaultIdentity;
  /** Of the one function that writes it. */
  readonly rotator: VaultIdentity;
}

export type VaultIdentity =
  | {
      readonly auth: 'approle';
      readonly roleId: string;
      /** Name or ARN of the secret with the secret id, which Keyward reads and never writes. */
      readonly secretIdSecret: string;
    }
  | {
      readonly auth: 'aws';
      readonly role: string;
      readonly serverId: string | undefined;
      /** Whether the request names the endpoint of STS in the function's region. */
      readonly isRegional: boolean;
    };

const VAULT_FIELDS = [
  'address',
  'namespace',
  'ca_certificate',
  'tls_server_name',
  'kek_path',
  'auth',
  'server_id',
  'sts',
];
const IDENTITY_FIELDS = ['role_id', 'secret_id_secret', 'aws_role'];
const STS_ENDPOINTS = ['global', 'regional'] as const;
/** Lambda's limit for all variables together is 4 KB (Lambda quotas); the others need less than 1.5. */
const MAX_CA_CERTIFICATE = 2400;
const CA_CERTIFICATE =
  /^-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n-]+(?: CERTIFICATE[A-Za-z0-9+/=\n -]+)?-----END CERTIFICATE-----\n?$/;
const ADDRESS = /^https:\/\/[A-Za-z0-9.:[\]-]{1,253}(?:\/[A-Za-z0-9/._-]{0,100})?$/;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads `kek` of the configuration.
 *
 * @param regions of the deployment
 * @throws Error with one sentence that names the field
 */
export function readKekConfiguration(value: unknown, regions: readonly string[]): KekConfiguration {
  const given = value ?? {};
  if (typeof given !== 'object' || Array.isArray(given)) throw invalid('', 'must be an object');
  const fields = given as Fields;
  const known = ['provider', 'moving_from', 'rotator', ...VAULT_FIELDS, ...IDENTITY_FIELDS];
  const unknown = Object.keys(fields).find((field) => !known.includes(field));
  if (unknown !== undefined) throw invalid(`.${unknown}`, 'is not a known field');
  const provider = oneOf(KEK_SOURCES, fields, 'provider', KEK_SOURCES[0]);
  const movingFrom = fields['moving_from'] === undefined ? undefined : oneOf(KEK_SOURCES, fields, 'moving_from');
  if (movingFrom === provider) throw invalid('.moving_from', 'must not be the provider');
  if (provider === 'vault' || movingFrom === 'vault') {
    return { provider, movingFrom, vault: readVault(fields, regions) };
  }
  const surplus = Object.keys(fields).find((field) => field !== 'provider');
  if (surplus !== undefined) throw invalid(`.${surplus}`, 'is only for the provider vault');
  return { provider, movingFrom, vault: undefined };
}

function readVault(fields: Fields, regions: readonly string[]): VaultConfiguration {
  const kekPath = matching(fields, 'kek_path', VAULT_PATTERNS.kekPath, 'must be a path with its mount');
  if (kekPath?.endsWith(PENDING_PATH_END) === true) throw invalid('.kek_path', `must not end in ${PENDING_PATH_END}`);
  const caCertificate = matching(fields, 'ca_certificate', CA_CERTIFICATE, 'must be one or two certificates in PEM');
  if (caCertificate !== undefined && caCertificate.length > MAX_CA_CERTIFICATE) {
    throw invalid('.ca_certificate', `must have at most ${MAX_CA_CERTIFICATE} characters, which Lambda has room for`);
  }
  const { rotator } = fields;
  if (rotator !== undefined && (typeof rotator !== 'object' || rotator === null)) {
    throw invalid('.rotator', 'must be an object');
  }
  const surplus = Object.keys(rotator ?? {}).find((field) => !IDENTITY_FIELDS.includes(field));
  if (surplus !== undefined) throw invalid(`.rotator.${surplus}`, 'is not a known field');
  const address = readAddress(fields['address'], regions);
  const namespace = matching(fields, 'namespace', VAULT_PATTERNS.namespace, 'must be the path of a namespace');
  const tlsServerName = matching(fields, 'tls_server_name', VAULT_PATTERNS.host, 'must be the name of a host');
  const reader = readIdentity(fields, fields, '');
  return {
    address,
    namespace,
    caCertificate,
    tlsServerName,
    kekPath: kekPath ?? DEFAULT_VAULT_KEK_PATH,
    reader,
    rotator: rotator === undefined ? reader : readIdentity(fields, rotator as Fields, 'rotator.'),
  };
}

function readAddress(value: unknown, regions: readonly string[]): string {
  const rule = 'must be an https:// address, or pairs region=address with commas between';
  if (typeof value !== 'string') throw invalid('.address', rule);
  if (ADDRESS.test(value)) return value;
  const pairs = value.split(',').map((pair) => pair.trim().split('='));
  if (!pairs.every(([, address = '', more]) => ADDRESS.test(address) && more === undefined)) {
    throw invalid('.address', rule);
  }
  const named = pairs.map(([region = '']) => region);
  if (new Set(named).size !== named.length || !regions.every((region) => named.includes(region))) {
    throw invalid('.address', 'must have one pair for each region');
  }
  return pairs.map((pair) => pair.join('=')).join(',');
}

/** @param own where its names and secrets stand */
function readIdentity(fields: Fields, own: Fields, prefix: string): VaultIdentity {
  const needed = (name: string, pattern: RegExp, rule: string): string => {
    const text = matching(own, name, pattern, rule, prefix);
    if (text === undefined) throw invalid(`.${prefix}${name}`, 'is missing');
    return text;
  };
  const auth = oneOf(VAULT_AUTH_METHODS, fields, 'auth', VAULT_AUTH_METHODS[0]);
  const others = auth === 'aws' ? ['role_id', 'secret_id_secret'] : ['aws_role', 'server_id', 'sts'];
  const surplus = others.find((name) => own[name] !== undefined || fields[name] !== undefined);
  if (surplus !== undefined) throw invalid(`.${surplus}`, `is not for auth ${auth}`);
  if (auth === 'approle') {
    return {
      auth,
      roleId: needed('role_id', VAULT_PATTERNS.visible, 'must be the role id of an AppRole'),
      secretIdSecret: needed('secret_id_secret', VAULT_PATTERNS.secret, 'must be the name or the ARN of a secret'),
    };
  }
  return {
    auth,
    role: needed('aws_role', VAULT_PATTERNS.role, 'must be the name of a role'),
    serverId: matching(fields, 'server_id', VAULT_PATTERNS.visible, 'must be visible ASCII without spaces'),
    isRegional: oneOf(STS_ENDPOINTS, fields, 'sts', STS_ENDPOINTS[0]) === 'regional',
  };
}

function matching(fields: Fields, name: string, pattern: RegExp, rule: string, prefix = ''): string | undefined {
  const { [name]: value } = fields;
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !pattern.test(value)) throw invalid(`.${prefix}${name}`, rule);
  return value;
}

function oneOf<T extends string>(values: readonly T[], fields: Fields, name: string, otherwise?: T): T {
  const given = fields[name] ?? otherwise;
  const found = values.find((each) => each === given);
  if (found === undefined) throw invalid(`.${name}`, `must be ${values.join(' or ')}`);
  return found;
}

const invalid = (field: string, rule: string): Error => new Error(`The configuration's kek${field} ${rule}.`);

/** Whether the KEK secret of Secrets Manager is among the resources: it is its home, or becomes or was it during a move. */
export const hasKekSecret = ({ kek: { provider, movingFrom } }: { readonly kek: KekConfiguration }): boolean =>
  provider === 'aws' || movingFrom === 'aws';

/**
 * Whether Secrets Manager drives the rotation. Not during a move, in which no KEK rotates: then nothing refers to the secret but by
 * its name, so that a later deployment can leave it out.
 */
export const isRotatedBySecretsManager = ({ kek }: { readonly kek: KekConfiguration }): boolean =>
  kek.provider === 'aws' && kek.movingFrom === undefined;
