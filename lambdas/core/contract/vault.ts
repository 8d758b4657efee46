/** Names of the environment variables that say where Vault is and how to log in. */
export const VAULT_ENVIRONMENT = {
  /** One address, or `region=address` pairs, separated by commas; the first region is home and is written to. */
  address: 'VAULT_ADDR',
  /** Namespace of Vault Enterprise or HCP; left out: none. */
  namespace: 'VAULT_NAMESPACE',
  /** Path of a file with certificates of authorities, or their PEM text; left out: those of Node.js. */
  caCert: 'VAULT_CACERT',
  /** Name that the server's certificate must have; left out: the address's host. */
  tlsServerName: 'VAULT_TLS_SERVER_NAME',
  roleId: 'VAULT_ROLE_ID',
  secretId: 'VAULT_SECRET_ID',
  secretIdFile: 'VAULT_SECRET_ID_FILE',
  /** Of functions: name or ARN of the secret in Secrets Manager that holds the secret id. Keyward never writes it. */
  secretIdSecret: 'VAULT_SECRET_ID_SECRET',
  /** A response-wrapping token that gives the secret id once. */
  wrappedSecretId: 'VAULT_WRAPPED_SECRET_ID',
  /** Path of the KEK in KV version 2, with its mount; default {@link DEFAULT_VAULT_KEK_PATH}. */
  kekPath: 'VAULT_KEK_PATH',
  /** Path of a role in an `aws` engine that gives credentials for AWS clients; left out: those of the process. */
  awsCredentials: 'VAULT_AWS_CREDENTIALS',
  /** Of functions: how to log in, one of {@link VAULT_AUTH_METHODS}, by default the first. */
  auth: 'VAULT_AUTH',
  /** Role of the auth method `aws`. */
  awsRole: 'VAULT_AWS_ROLE',
  /** Value of the header `X-Vault-AWS-IAM-Server-ID`; left out: it is not sent. */
  awsServerId: 'VAULT_AWS_SERVER_ID',
  /** Region whose endpoint of STS the signed request names; left out: the global endpoint. */
  awsStsRegion: 'VAULT_AWS_STS_REGION',
} as const;

/** How functions log in: with a secret id, or with the identity of their IAM role, which keeps no secret. */
export const VAULT_AUTH_METHODS = ['approle', 'aws'] as const;

export type VaultAuthMethod = (typeof VAULT_AUTH_METHODS)[number];

export const DEFAULT_VAULT_KEK_PATH = 'secret/keyward/kek';

/** The pending KEK is at the path of the KEK with this end. */
export const PENDING_PATH_END = '-pending';

/** How many versions KV must keep of each path: the chain of parents of late steps is searched in them. */
export const MIN_VAULT_VERSIONS = 10;

const SEGMENT = '[A-Za-z0-9_][A-Za-z0-9_.-]*';

/** The forms of settings. Each is checked by the stacks and by the process that reads it. */
export const VAULT_PATTERNS = {
  /** What an HTTP header may carry of an id or a token. */
  visible: /^[\x21-\x7e]{1,4096}$/,
  /** A path with its mount. */
  kekPath: new RegExp(`^(?=.{1,256}$)${SEGMENT}(?:/${SEGMENT})+$`),
  namespace: new RegExp(`^(?=.{1,256}$)${SEGMENT}(?:/${SEGMENT})*/?$`),
  host: /^[A-Za-z0-9.-]{1,253}$/,
  /** Name of a role, which stands in the path of a call. */
  role: /^[A-Za-z0-9_.-]{1,128}$/,
  /** Name of a secret in Secrets Manager, or its ARN (API_CreateSecret, Name). */
  secret: /^(?:arn:aws:secretsmanager:[a-z0-9-]+:\d{12}:secret:)?[A-Za-z0-9/_+=.@-]{1,512}$/,
} as const;
