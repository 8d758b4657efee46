import { randomBytes, randomUUID } from 'node:crypto';
import { VaultError } from './vault-error';

/** Tokens, the AppRole auth method, and response wrapping. Times are in seconds. */

interface Token {
  /** Metadata of the auth method. */
  readonly meta: Readonly<Record<string, string>>;
  readonly policies: readonly string[];
  readonly endsAt: number;
  readonly issuedAt: number;
  readonly ttl: number;
  readonly longest: number;
}

interface Role {
  readonly name: string;
  readonly id: string;
  readonly policies: readonly string[];
  readonly ttl: number;
  /** 0: the role has none, and the system's 768 hours apply. */
  readonly longest: number;
  readonly numUses: number;
}

interface Wrapped {
  readonly creation_path: string;
  readonly creation_time: string;
  readonly creation_ttl: number;
  readonly data: object;
  readonly endsAt: number;
}

const LONGEST = 768 * 3600;
/** "User lockout": after five refused logins, for 15 minutes, which is also how long they are counted. */
const LOCKED_AFTER = 5;
const LOCKED_SECONDS = 900;
export const NOT_WRAPPED = 'wrapping token is not valid or does not exist';

export class TokenStore {
  readonly root = `hvs.${randomBytes(12).toString('hex')}`;
  private readonly tokens = new Map<string, Token>();
  private readonly roles = new Map<string, Role>();
  private readonly secretIds = new Map<string, { readonly role: string; uses: number }>();
  /** Refused logins by role, and the time of the last one. */
  private readonly refusals = new Map<string, { readonly count: number; readonly at: number }>();
  private readonly wrapped = new Map<string, Wrapped>();

  constructor(private readonly now: () => number) {}

  /** The policies of a token that is valid now. */
  policiesOf(token: string | undefined): readonly string[] | undefined {
    if (token === this.root) return ['root'];
    const found = token === undefined ? undefined : this.tokens.get(token);
    return found !== undefined && this.seconds() < found.endsAt ? found.policies : undefined;
  }

  /** When a token ends, in milliseconds since 1970. */
  endOf(token: string): number {
    return token === this.root ? Infinity : (this.tokens.get(token)?.endsAt ?? 0) * 1000;
  }

  putRole(name: string, request: Readonly<Record<string, unknown>>): void {
    const numUses = Number(request['secret_id_num_uses'] ?? 0);
    this.roles.set(name, { name, id: this.roles.get(name)?.id ?? randomUUID(), ...grantsOf(request), numUses });
  }

  roleId(name: string): string | undefined {
    return this.roles.get(name)?.id;
  }

  newSecretId(name: string): object {
    const role = this.roles.get(name);
    if (role === undefined) throw new VaultError(400, `role "${name}" does not exist`);
    const secret_id = randomUUID();
    this.secretIds.set(secret_id, { role: name, uses: role.numUses });
    return { secret_id, secret_id_accessor: randomUUID(), secret_id_num_uses: role.numUses, secret_id_ttl: 0 };
  }

  /** "Destroy AppRole secret ID". */
  destroySecretId(secretId: unknown): void {
    this.secretIds.delete(String(secretId));
  }

  /**
   * https://developer.hashicorp.com/vault/api-docs/auth/approle#login-with-approle; a used-up secret id is handled as a wrong
   * one.
   */
  logIn(request: Readonly<Record<string, unknown>>): object {
    if (request['secret_id'] === undefined) throw new VaultError(400, 'missing secret_id');
    const role = [...this.roles.values()].find(({ id }) => id === request['role_id']);
    const found = this.secretIds.get(request['secret_id'] as string);
    if (role !== undefined && this.isLocked(role.name)) throw new VaultError(403, 'permission denied');
    if (role === undefined || found?.role !== role.name) {
      if (role !== undefined) this.noteRefusal(role.name);
      throw new VaultError(400, 'invalid role or secret ID');
    }
    this.refusals.delete(role.name);
    if (found.uses === 1) this.secretIds.delete(request['secret_id'] as string);
    else if (found.uses > 1) found.uses -= 1;
    return this.issue(role, { role_name: role.name });
  }

  /** https://developer.hashicorp.com/vault/docs/concepts/user-lockout */
  private isLocked(role: string): boolean {
    const { count = 0, at = 0 } = this.refusals.get(role) ?? {};
    return count >= LOCKED_AFTER && this.seconds() - at < LOCKED_SECONDS;
  }

  private noteRefusal(role: string): void {
    const { count = 0, at = 0 } = this.refusals.get(role) ?? {};
    const now = this.seconds();
    this.refusals.set(role, { count: now - at < LOCKED_SECONDS ? count + 1 : 1, at: now });
  }

  /** Makes the token of a login. */
  issue(role: Pick<Role, 'policies' | 'ttl' | 'longest'>, meta: Readonly<Record<string, string>>): object {
    const token = `hvs.${randomBytes(24).toString('base64url')}`;
    const ttl = Math.min(role.ttl, role.longest);
    const issuedAt = this.seconds();
    const policies = ['default', ...role.policies];
    this.tokens.set(token, { meta, policies, issuedAt, endsAt: issuedAt + ttl, ttl, longest: role.longest });
    return authOf(token, ttl, policies);
  }

  /** "Lookup a token (self)". */
  lookUp(token: string): object {
    return { meta: this.tokens.get(token)?.meta ?? null, policies: this.policiesOf(token) };
  }

  /** "Read AppRole secret ID": nothing for one that the role does not have. `secret_id_num_uses` is what is left. */
  lookUpSecretId(role: string, secretId: unknown): object | undefined {
    const found = this.secretIds.get(String(secretId));
    return found?.role === role ? { secret_id_num_uses: found.uses, secret_id_ttl: 0 } : undefined;
  }

  /** "Renew a token (self)": up to its maximum TTL, counted from its issue. */
  renew(token: string): object {
    const found = this.tokens.get(token);
    // A root token does not expire, and renewing it changes nothing.
    if (found === undefined) throw new VaultError(400, 'lease is not renewable');
    const ttl = Math.floor(Math.min(found.ttl, found.issuedAt + found.longest - this.seconds()));
    this.tokens.set(token, { ...found, endsAt: this.seconds() + ttl });
    return authOf(token, ttl, found.policies);
  }

  revoke(token: string): void {
    this.tokens.delete(token);
  }

  /** https://developer.hashicorp.com/vault/docs/concepts/response-wrapping */
  wrap(creation_path: string, data: object, ttl: number): object {
    const token = `hvs.${randomBytes(24).toString('base64url')}`;
    const creation_time = new Date(this.now()).toISOString();
    this.wrapped.set(token, { creation_path, creation_time, creation_ttl: ttl, data, endsAt: this.seconds() + ttl });
    return { token, accessor: randomBytes(8).toString('hex'), ttl, creation_time, creation_path };
  }

  lookUpWrapped(token: unknown): object {
    const { creation_path, creation_time, creation_ttl } = this.unused(token);
    return { creation_path, creation_time, creation_ttl };
  }

  unwrap(token: unknown): object {
    const { data } = this.unused(token);
    this.wrapped.delete(String(token));
    return data;
  }

  private unused(token: unknown): Wrapped {
    const found = this.wrapped.get(String(token));
    if (found === undefined || this.seconds() >= found.endsAt) throw new VaultError(400, NOT_WRAPPED);
    return found;
  }

  private seconds(): number {
    return this.now() / 1000;
  }
}

const authOf = (client_token: string, lease_duration: number, policies: readonly string[]): object => ({
  client_token,
  accessor: randomBytes(8).toString('hex'),
  policies,
  token_policies: policies,
  metadata: null,
  lease_duration,
  renewable: true,
  token_type: 'service',
  orphan: true,
  num_uses: 0,
});

/** What a role of any auth method gives a token. */
export function grantsOf(request: Readonly<Record<string, unknown>>) {
  return {
    policies: String(request['token_policies']).split(','),
    ttl: secondsOf(request['token_ttl'], LONGEST),
    longest: secondsOf(request['token_max_ttl'], LONGEST),
  };
}

/** Durations of the API: `20m`, `5s`, or seconds. */
export function secondsOf(text: unknown, otherwise: number): number {
  const [, amount, unit] = /^(\d+)([smh]?)$/.exec((text ?? '') as string) ?? [];
  if (amount === undefined || amount === '0') return otherwise;
  return Number(amount) * { '': 1, s: 1, m: 60, h: 3600 }[unit as '' | 's' | 'm' | 'h'];
}
