import { grantsOf, type TokenStore } from './token-store';
import { VaultError } from './vault-error';

/** The AWS auth method, its type iam: https://developer.hashicorp.com/vault/api-docs/auth/aws */

type Body = Readonly<Record<string, unknown>>;

const SERVER_ID_HEADER = 'x-vault-aws-iam-server-id';

export class AwsAuth {
  private config: { readonly sts_endpoint?: string; readonly iam_server_id_header_value?: string } = {};
  private readonly roles = new Map<string, Body>();

  constructor(private readonly tokens: TokenStore) {}

  configure(body: Body): void {
    this.config = body;
  }

  putRole(name: string, body: Body): void {
    this.roles.set(name, body);
  }

  /** Sends the signed request to STS, whose endpoint is configured here and not by the request, and learns who signed it. */
  async logIn(body: Body): Promise<object> {
    const role = this.roles.get(String(body['role']));
    if (role === undefined) throw new VaultError(400, 'entry for role not found');
    const headers = headersOf(decoded(body['iam_request_headers']));
    this.checkServerId(headers);
    const { pathname, host } = new URL(decoded(body['iam_request_url']));
    const answer = await fetch(`${this.config.sts_endpoint ?? 'https://sts.amazonaws.com'}${pathname}`, {
      method: String(body['iam_http_request_method']),
      // The signature is over the host that the client names.
      headers: { ...headers, 'x-forwarded-host': host, connection: 'close' },
      body: decoded(body['iam_request_body']),
    });
    const text = await answer.text();
    const arn = /<Arn>([^<]*)<\/Arn>/.exec(text)?.[1];
    if (!answer.ok || arn === undefined) throw new VaultError(400, 'error making upstream request');
    const iam = arn.replace(/^arn:aws:sts::(\d+):assumed-role\/([^/]+)\/.*$/, 'arn:aws:iam::$1:role/$2');
    const bound = [role['bound_iam_principal_arn']].flat();
    if (!bound.includes(iam)) throw new VaultError(400, `IAM Principal "${arn}" does not belong to the role`);
    return this.tokens.issue(grantsOf(role), { client_arn: arn });
  }

  /** "iam_server_id_header_value": the header must have it, and must be among those that are signed. */
  private checkServerId(headers: Readonly<Record<string, string>>): void {
    const wanted = this.config.iam_server_id_header_value;
    if (wanted === undefined || wanted === '') return;
    if (headers[SERVER_ID_HEADER] !== wanted) throw new VaultError(400, 'error validating X-Vault-AWS-IAM-Server-ID');
    const [, signed = ''] = /SignedHeaders=([^,]+)/.exec(headers['authorization'] ?? '') ?? [];
    if (!signed.split(';').includes(SERVER_ID_HEADER)) throw new VaultError(400, 'the header is not signed');
  }
}

const decoded = (text: unknown): string => Buffer.from(String(text), 'base64').toString('utf8');

/** "A JSON serialized map from header name to a value or a list of values". */
const headersOf = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(JSON.parse(text) as Record<string, string | readonly string[]>).map(([name, value]) => [
      name.toLowerCase(),
      [value].flat().join(','),
    ]),
  );
