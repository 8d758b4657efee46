import { SECOND_MS } from '../../core/contract/time-units';
import { VAULT_ENVIRONMENT } from '../../core/contract/vault';
import { isRecord } from '../../core/crypto/record-checks';
import { KeywardError, toKeywardError } from '../../core/errors/errors';
import type { Clock } from '../../core/ports/clock';
import type { VaultBody, VaultCalls } from './vault-calls';
import type { SessionReply, UsedToken, VaultSession } from './vault-session';

/** What AWS clients sign with. */
export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Keys and how long Vault gives them. Times are in milliseconds since 1970. */
export interface AwsLease {
  readonly keys: AwsKeys;
  readonly source: AwsLeases;
  readonly leaseId: string;
  /**
   * Whether the keys are an IAM user's: they work only seconds later, they can be renewed and revoked, and they end with Vault's
   * token. Keys of STS work at once until their end, whatever happens in Vault.
   */
  readonly isUser: boolean;
  /** Whether it cannot be renewed for its whole time any more. */
  readonly isLast: boolean;
  /** Whether a call of AWS was seen to work with the keys, as far as that is in doubt. */
  readonly isProven: boolean;
  /** Milliseconds for which it was given. */
  readonly ttlMs: number;
  readonly login: number;
  readonly takenAt: number;
  readonly renewAt: number;
  readonly endsAt: number;
}

/** A renewal that gives less than this part of the lease's time has met its longest time. */
const WHOLE = 0.9;

const { awsCredentials: variable } = VAULT_ENVIRONMENT;

/**
 * Leases of one role of an `aws` engine at one Vault ("AWS secrets engine (API)"). The role decides between IAM users and STS,
 * not the path: `creds` and `sts` both give what the role makes.
 */
export class AwsLeases {
  constructor(
    private readonly deps: {
      readonly session: VaultSession;
      readonly calls: VaultCalls;
      readonly clock: Clock;
      /** Mount, `creds` or `sts`, and the role. */
      readonly path: string;
    },
  ) {}

  /**
   * Takes new keys.
   *
   * @throws KeywardError `store_unavailable`; `configuration_invalid`, one sentence for the operator that names the variable, if
   *   the path is wrong or not allowed, or if AWS makes no keys for the role. Both have `outside`
   */
  async take(): Promise<AwsLease> {
    const { session, calls, clock, path } = this.deps;
    const takenAt = clock.now();
    const operation = 'read aws credentials';
    let reply: SessionReply;
    try {
      reply = await session.send({ operation, method: 'GET', path, answers: [400] });
    } catch (thrown) {
      throw explained(toKeywardError(thrown));
    }
    if (reply.status >= 400) {
      throw explained(calls.unusable(operation, 'VaultInvalidRequest'), isRoleMissing(reply.body) ? NO_ROLE : NOT_MADE);
    }
    const given = givenBy(reply.body);
    if (given === undefined) throw explained(calls.unusable(operation), 'names a path that gives no AWS credentials');
    return { ...given, source: this, isLast: false, isProven: false, ...timesOf(given, takenAt, reply.token) };
  }

  /**
   * Renews the lease of an IAM user. It is the last one if Vault gives less than its whole time, refuses, or has another token by
   * now: the user is deleted with the token that took it.
   *
   * @throws KeywardError `store_unavailable` if Vault is away
   */
  async renew(lease: AwsLease): Promise<AwsLease> {
    const { session, clock } = this.deps;
    const takenAt = clock.now();
    const body = { lease_id: lease.leaseId };
    const call = { operation: 'renew lease', method: 'POST', path: 'sys/leases/renew', body, answers: [400] } as const;
    let reply: SessionReply;
    try {
      reply = await session.send(call);
    } catch (thrown) {
      if (toKeywardError(thrown).outside?.kind === 'outage') throw thrown;
      return { ...lease, isLast: true };
    }
    const { lease_duration: seconds } = reply.body;
    const isRenewed = reply.status < 300 && typeof seconds === 'number' && seconds > 0;
    if (!isRenewed || reply.token.login !== lease.login) return { ...lease, isLast: true };
    const ttlMs = seconds * SECOND_MS;
    const times = timesOf({ isUser: true, ttlMs }, takenAt, reply.token);
    return { ...lease, ...times, isLast: ttlMs < lease.ttlMs * WHOLE };
  }

  /**
   * Ends the lease of an IAM user: Vault deletes the user, and tries again where AWS does not know it yet.
   *
   * @throws KeywardError `store_unavailable`
   */
  async revoke({ leaseId }: AwsLease): Promise<void> {
    const body = { lease_id: leaseId };
    await this.deps.session.send({ operation: 'revoke lease', method: 'POST', path: 'sys/leases/revoke', body });
  }
}

type Given = Pick<AwsLease, 'keys' | 'leaseId' | 'isUser' | 'ttlMs'>;

/** The session token is in `security_token`, and in newer releases in `session_token` too; an IAM user has none. */
function givenBy({ data, lease_id: leaseId, lease_duration: leased }: VaultBody): Given | undefined {
  if (!isRecord(data) || typeof leaseId !== 'string') return undefined;
  const {
    access_key: accessKeyId,
    secret_key: secretAccessKey,
    security_token: security,
    session_token: session,
  } = data;
  if (!isText(accessKeyId) || !isText(secretAccessKey)) return undefined;
  const sessionToken = [security, session].find(isText);
  const isUser = sessionToken === undefined;
  // The lease of STS is rounded up and `ttl` down. A role without leases has only the latter.
  const seconds = [leased, isUser ? undefined : data['ttl']].filter(isTime);
  if (seconds.length === 0) return undefined;
  const keys = { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
  return { keys, leaseId, isUser, ttlMs: Math.min(...seconds) * SECOND_MS };
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isTime = (value: unknown): value is number => typeof value === 'number' && value > 0;

/** From when Vault was asked, which is the careful reading. Due at two thirds; an IAM user also when its token is due. */
function timesOf(
  { isUser, ttlMs }: Pick<AwsLease, 'isUser' | 'ttlMs'>,
  takenAt: number,
  token: UsedToken,
): Pick<AwsLease, 'login' | 'takenAt' | 'renewAt' | 'endsAt'> {
  const [renewAt, endsAt] = [takenAt + (ttlMs * 2) / 3, takenAt + ttlMs];
  const { login } = token;
  if (!isUser) return { login, takenAt, renewAt, endsAt };
  return { login, takenAt, renewAt: Math.min(renewAt, token.renewAt), endsAt: Math.min(endsAt, token.endsAt) };
}

/** Vault has no code for it; the text is that of builtin/logical/aws/path_user.go. */
const isRoleMissing = ({ errors }: VaultBody): boolean =>
  Array.isArray(errors) && errors.some((each) => typeof each === 'string' && /^Role ".*" not found$/.test(each));

const NO_ROLE = 'names a role that the aws engine does not have';
const NOT_MADE =
  "names a role for which AWS makes no credentials: look into Vault's log, and at the policy of config/root";

/** What an operator can do about it; as it is where Vault does not answer. */
function explained(error: KeywardError, why = sentenceFor(error)): KeywardError {
  if (why === undefined) return error;
  return new KeywardError('configuration_invalid', `${variable} ${why}`, undefined, error.outside);
}

function sentenceFor({ outside }: KeywardError): string | undefined {
  switch (outside?.name) {
    case 'VaultPermissionDenied':
      return 'names a path that the policy of its AppRole does not allow to read';
    case 'VaultPathNotFound':
      return 'names a path at which Vault has no aws engine';
    default:
      return undefined;
  }
}
