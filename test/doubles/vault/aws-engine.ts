import { randomUUID } from 'node:crypto';
import type { AwsAccount, IssuedKeys } from './aws-account';
import { accountAt } from './start-aws-account';
import type { TokenStore } from './token-store';
import { secondsOf } from './token-store';
import { VaultError } from './vault-error';

/** The aws engine: https://developer.hashicorp.com/vault/api-docs/secret/aws. Times are in seconds. */

interface Lease {
  readonly keys: IssuedKeys;
  /** The user is deleted with the token that took it ("Lease, renew, and revoke", and "Tokens"). */
  readonly token: string;
  readonly isUser: boolean;
  readonly issuedAt: number;
  endsAt: number;
}

/** "default_lease_ttl", 768 hours, where the mount has no lease. */
const DEFAULT_LEASE = 768 * 3600;
/** "ttl": the default of STS. */
const DEFAULT_STS = 3600;

export class AwsEngine {
  private account: AwsAccount | undefined;
  private lease = { ttl: DEFAULT_LEASE, longest: DEFAULT_LEASE };
  private readonly roles = new Map<string, { readonly isUser: boolean; readonly ttl: number }>();
  private readonly leases = new Map<string, Lease>();

  constructor(
    private readonly path: string,
    private readonly tokens: TokenStore,
    private readonly now: () => number,
  ) {}

  configure(part: string, body: Readonly<Record<string, unknown>>): void {
    if (part === 'root') this.account = accountAt(String(body['iam_endpoint']));
    else
      this.lease = {
        ttl: secondsOf(body['lease'], DEFAULT_LEASE),
        longest: secondsOf(body['lease_max'], DEFAULT_LEASE),
      };
  }

  putRole(name: string, body: Readonly<Record<string, unknown>>): void {
    const isUser = body['credential_type'] === 'iam_user';
    this.roles.set(name, { isUser, ttl: secondsOf(body['default_sts_ttl'], DEFAULT_STS) });
  }

  /** "Generate credentials", at `creds` and `sts` alike. */
  take(kind: string, name: string, token: string): object {
    const role = this.roles.get(name);
    if (role === undefined) throw new VaultError(400, `Role "${name}" not found`);
    const { account } = this;
    if (account === undefined) throw new VaultError(400, 'Error assuming role: no such host');
    const leaseId = `${this.path}${kind}/${name}/${randomUUID()}`;
    const issuedAt = this.seconds();
    const seconds = role.isUser ? Math.min(this.lease.ttl, this.lease.longest) : role.ttl;
    const keys = role.isUser ? account.newUser(() => this.userEnd(leaseId)) : account.newSession(role.ttl);
    const { isUser } = role;
    this.leases.set(leaseId, { keys, token, isUser, issuedAt, endsAt: issuedAt + seconds });
    const { accessKeyId: access_key, secretAccessKey: secret_key, sessionToken = null } = keys;
    return {
      lease_id: leaseId,
      renewable: isUser,
      lease_duration: seconds,
      data: {
        access_key,
        secret_key,
        session_token: sessionToken,
        ...(!isUser && { security_token: sessionToken, ttl: seconds, arn: 'arn' }),
      },
    };
  }

  /** "Renew lease": up to the longest time, counted from when it was given. Undefined: it is of another engine. */
  renew(leaseId: string): object | undefined {
    if (!leaseId.startsWith(this.path)) return undefined;
    const lease = this.leases.get(leaseId);
    if (lease === undefined || this.seconds() >= this.userEnd(leaseId) / 1000)
      throw new VaultError(400, 'lease not found');
    if (!lease.isUser) throw new VaultError(400, 'lease is not renewable');
    const left = lease.issuedAt + this.lease.longest - this.seconds();
    const lease_duration = Math.floor(Math.min(this.lease.ttl, left));
    lease.endsAt = this.seconds() + lease_duration;
    return { lease_id: leaseId, renewable: true, lease_duration };
  }

  /** "Revoke lease": also one that is not there. Keys of STS go on working. */
  revoke(leaseId: string): void {
    this.leases.delete(leaseId);
  }

  /** The number of leases that have not ended. */
  get standing(): number {
    return [...this.leases.keys()].filter((id) => this.now() < this.userEnd(id)).length;
  }

  private userEnd(leaseId: string): number {
    const lease = this.leases.get(leaseId);
    if (lease === undefined) return 0;
    return Math.min(lease.endsAt * 1000, lease.isUser ? this.tokens.endOf(lease.token) : Infinity);
  }

  private seconds(): number {
    return this.now() / 1000;
  }
}
