import type { ReadSecretId } from './secret-id';

/** The call that logs in at one Vault, made anew each time: a secret id may have been replaced, and a signature ends. */
export type VaultLogin = () => Promise<{ readonly path: string; readonly body: object }>;

/** Logs in as an AppRole ("AppRole auth method (API)", login). */
export const createAppRoleLogin =
  (roleId: string, readSecretId: ReadSecretId): VaultLogin =>
  async () => ({ path: 'auth/approle/login', body: { role_id: roleId, secret_id: await readSecretId() } });

/** A request that is signed and not sent. */
interface SignedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Signs `sts:GetCallerIdentity` with these headers beside its own. Keeps nothing. */
export type SignCallerIdentity = (headers: Readonly<Record<string, string>>) => Promise<SignedRequest>;

/** Ties the signature to one Vault: another server that receives it cannot log in here ("AWS auth method (API)", configure client). */
const SERVER_ID_HEADER = 'x-vault-aws-iam-server-id';

/**
 * Logs in with the identity of this process at AWS: Vault sends the signed request to STS and learns who signed it ("AWS auth
 * method (API)", login; each part is in base64, the headers as JSON).
 */
export const createAwsLogin =
  (role: string, serverId: string | undefined, sign: SignCallerIdentity): VaultLogin =>
  async () => {
    const { method, url, headers, body } = await sign(serverId === undefined ? {} : { [SERVER_ID_HEADER]: serverId });
    return {
      path: 'auth/aws/login',
      body: {
        role,
        iam_http_request_method: method,
        iam_request_url: base64(url),
        iam_request_headers: base64(JSON.stringify(headers)),
        iam_request_body: base64(body),
      },
    };
  };

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
