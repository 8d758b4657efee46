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
  /** A response-wrapping token that gives the secret id once. */
  wrappedSecretId: 'VAULT_WRAPPED_SECRET_ID',
  /** Path of the KEK in KV version 2, with its mount; default {@link DEFAULT_VAULT_KEK_PATH}. */
  kekPath: 'VAULT_KEK_PATH',
  /** Path of a role in an `aws` engine that gives credentials for AWS clients; left out: those of the process. */
  awsCredentials: 'VAULT_AWS_CREDENTIALS',
} as const;

export const DEFAULT_VAULT_KEK_PATH = 'secret/keyward/kek';

/** The pending KEK is at the path of the KEK with this end. */
export const PENDING_PATH_END = '-pending';

/** How many versions KV must keep of each path: the chain of parents of late steps is searched in them. */
export const MIN_VAULT_VERSIONS = 10;
