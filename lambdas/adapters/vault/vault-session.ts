import { createHash } from 'node:crypto';
import { MINUTE_MS, SECOND_MS } from '../../core/contract/time-units';
import { isRecord } from '../../core/crypto/record-checks';
import { toKeywardError, type KeywardError } from '../../core/errors/errors';
import type { Clock } from '../../core/ports/clock';
import type { VaultBody, VaultCall, VaultCalls, VaultReply } from './vault-calls';
import type { VaultLogin } from './vault-login';

/** The token that a call was sent with. Leases end with the token that took them. */
export interface UsedToken {
  /** Number of the login that gave it; renewals keep it. */
  readonly login: number;
  /** Milliseconds since 1970. */
  readonly renewAt: number;
  readonly endsAt: number;
}

export interface SessionReply extends VaultReply {
  readonly token: UsedToken;
}

interface HeldToken extends UsedToken {
  readonly token: string;
  readonly isRenewable: boolean;
  /** Seconds for which the login gave it; 0: it does not expire. */
  readonly loginTtl: number;
  readonly takenAt: number;
}

/** Minimum pause between two logins because of refused permissions. */
const DENIED_LOGIN_PAUSE_MS = 30 * SECOND_MS;
/**
 * Minimum pause before a login that was refused is tried again unchanged. Vault locks an AppRole for 15 minutes, also for those
 * with a good secret id, after five refused logins within 15 minutes ("User lockout").
 */
const REFUSED_LOGIN_PAUSE_MS = 5 * MINUTE_MS;
/** Pause after a renewal that failed, while the token still works. */
const RENEWAL_PAUSE_MS = 5 * SECOND_MS;
/** A renewal that gives less than this part of the login's time has met the token's longest time: a login is due. */
const LEAST_RENEWED = 1 / 2;

/**
 * The token of a login at one Vault. Ages are compared with the clock at the next request, because a frozen function wakes late: no
 * timer. Concurrent callers share one login and one renewal. The token and the secret id are in no log and no error.
 */
export class VaultSession {
  private held: HeldToken | undefined;
  private login: Promise<HeldToken> | undefined;
  private renewal: Promise<HeldToken> | undefined;
  private deniedAt: number | undefined;
  private refused: { readonly sha256: string; readonly at: number; readonly error: KeywardError } | undefined;
  private retryRenewalAt = 0;
  private logins = 0;

  constructor(
    private readonly deps: {
      readonly calls: VaultCalls;
      readonly login: VaultLogin;
      readonly clock: Clock;
    },
  ) {}

  /**
   * Sends a call with the token. 403 may mean a revoked token or a missing permission: one new login for all callers, at most one
   * in 30 s, and the call once more.
   *
   * @throws KeywardError `store_unavailable`, as {@link VaultCalls.send}, also if the login fails; `configuration_invalid` if
   *   there is nothing to log in with
   */
  async send(call: Omit<VaultCall, 'token'>): Promise<SessionReply> {
    const used = await this.token();
    try {
      return await this.sendWith(used, call);
    } catch (thrown) {
      if (toKeywardError(thrown).outside?.name !== 'VaultPermissionDenied') throw thrown;
      const other = await this.afterDenial(used);
      if (other === undefined) throw thrown;
      return this.sendWith(other, call);
    }
  }

  private async sendWith(used: HeldToken, call: Omit<VaultCall, 'token'>): Promise<SessionReply> {
    const { login, renewAt, endsAt } = used;
    return { ...(await this.deps.calls.send({ ...call, token: used.token })), token: { login, renewAt, endsAt } };
  }

  private async token(): Promise<HeldToken> {
    const held = this.held;
    const now = this.deps.clock.now();
    if (held === undefined || now >= held.endsAt) return this.logIn();
    // A clock that went back says nothing about the token's age.
    const isDue = now >= held.renewAt || now < held.takenAt;
    if (!isDue || this.renewal !== undefined || (now < this.retryRenewalAt && now >= held.takenAt)) return held;
    this.renewal = this.renew(held).finally(() => {
      this.renewal = undefined;
    });
    return this.renewal;
  }

  /** Another token after one was refused; undefined if a new login would not help, or came a moment ago. */
  private async afterDenial(used: HeldToken): Promise<HeldToken | undefined> {
    if (this.login !== undefined) return this.login;
    if (this.held !== undefined && this.held.token !== used.token) return this.held;
    const now = this.deps.clock.now();
    const since = this.deniedAt === undefined ? Infinity : now - this.deniedAt;
    if (since >= 0 && since < DENIED_LOGIN_PAUSE_MS) return undefined;
    this.deniedAt = now;
    return this.logIn();
  }

  private logIn(): Promise<HeldToken> {
    this.login ??= this.logInNow().finally(() => {
      this.login = undefined;
    });
    return this.login;
  }

  private async logInNow(): Promise<HeldToken> {
    const { calls, login, clock } = this.deps;
    const { path, body } = await login();
    const takenAt = clock.now();
    const sha256 = createHash('sha256').update(JSON.stringify(body)).digest('base64');
    this.refuseAgain(sha256, takenAt);
    const reply = await calls.send({ operation: 'login', method: 'POST', path, body }).catch((thrown: unknown) => {
      const error = toKeywardError(thrown);
      if (error.outside?.name === 'VaultLoginRefused') this.refused = { sha256, at: takenAt, error };
      throw error;
    });
    this.refused = undefined;
    const given = authOf(reply.body);
    if (given === undefined) throw calls.unusable('login');
    this.logins += 1;
    this.held = heldFrom(given, takenAt, { loginTtl: given.ttl, login: this.logins });
    return this.held;
  }

  /** Throws what the same login got a while ago. */
  private refuseAgain(sha256: string, now: number): void {
    if (this.refused?.sha256 !== sha256) return;
    const since = now - this.refused.at;
    if (since >= 0 && since < REFUSED_LOGIN_PAUSE_MS) throw this.refused.error;
  }

  /** A token that cannot be renewed is replaced by a login; during an outage it serves until its end. */
  private async renew(held: HeldToken): Promise<HeldToken> {
    const { calls, clock } = this.deps;
    const takenAt = clock.now();
    try {
      if (!held.isRenewable) return await this.logIn();
      const call = { operation: 'renew-self', method: 'POST', path: 'auth/token/renew-self', body: {} } as const;
      const reply = await calls.send({ ...call, token: held.token, answers: [400, 403] });
      const given = reply.status < 300 ? authOf(reply.body) : undefined;
      if (given === undefined || given.ttl < held.loginTtl * LEAST_RENEWED) return await this.logIn();
      this.held = heldFrom(given, takenAt, held);
      return this.held;
    } catch (thrown) {
      if (clock.now() >= held.endsAt) throw thrown;
      this.retryRenewalAt = clock.now() + RENEWAL_PAUSE_MS;
      return held;
    }
  }
}

interface GivenToken {
  readonly token: string;
  /** Seconds; 0: it does not expire. */
  readonly ttl: number;
  readonly isRenewable: boolean;
}

function authOf({ auth }: VaultBody): GivenToken | undefined {
  if (!isRecord(auth)) return undefined;
  const { client_token: token, lease_duration: ttl, renewable } = auth;
  if (typeof token !== 'string' || token === '' || typeof ttl !== 'number' || !(ttl >= 0)) return undefined;
  return { token, ttl, isRenewable: renewable === true };
}

/** Vault counts the time from when it answered; from when it was asked is the careful reading. Renewed at two thirds. */
function heldFrom(
  { token, ttl, isRenewable }: GivenToken,
  takenAt: number,
  { login, loginTtl }: Pick<HeldToken, 'login' | 'loginTtl'>,
): HeldToken {
  const ttlMs = ttl === 0 ? Infinity : ttl * SECOND_MS;
  return { token, login, isRenewable, loginTtl, takenAt, renewAt: takenAt + (ttlMs * 2) / 3, endsAt: takenAt + ttlMs };
}
