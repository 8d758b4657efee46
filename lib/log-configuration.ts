import { RegionInfo } from 'aws-cdk-lib/region-info';
import { MIN_LOGGED_RETENTION_DAYS } from '../lambdas/core/contract/limits';

/** The transparency log of a deployment: one in each region. */
export interface LogConfiguration {
  /** Begins the origin of each log: a domain, or the account. */
  readonly owner: string;
  /** How the archive's objects are locked (S3 User Guide, "Locking objects with Object Lock"). */
  readonly lockMode: LockMode;
  /** Pairs of keys that the log has had, with those that sign now or next: 1 without a hand-over. */
  readonly keys: number;
  /** Days from the writing of an archived object until it may be deleted. */
  readonly lockDays: number;
  /** The bucket of another account that gets a copy of each checkpoint. */
  readonly witness: WitnessBucket | undefined;
}

/** `governance`: whoever may change the bucket's policy can end it; `compliance`: nobody can, the account's root included. */
type LockMode = (typeof LOCK_MODES)[number];

interface WitnessBucket {
  readonly name: string;
  readonly region: string;
}

const LOCK_MODES = ['governance', 'compliance'] as const;
const FIELDS = ['enabled', 'owner', 'lock_mode', 'lock_days', 'keys', 'witness_bucket', 'witness_region'];
/** S3's limit of a default retention in days. */
const MAX_LOCK_DAYS = 36_500;
/** What the environment of a function (4 KB, Lambda quotas) and an event pattern have room for. */
const MAX_KEYS = 5;
const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const DOMAIN = new RegExp(`^(?=.{1,253}$)${LABEL}(?:\\.${LABEL})+$`);
/** S3 User Guide, "General purpose bucket naming rules". */
const BUCKET = /^(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads `transparency_log` of the configuration.
 *
 * @returns undefined if the deployment keeps no log: a disposable one, whose data has to go with its stacks, or one that says so
 * @throws Error with one sentence that names the field
 */
export function readLogConfiguration(
  value: unknown,
  deployment: {
    readonly account: string;
    readonly auditRetentionDays: number;
    readonly disposable: boolean;
    readonly homeRegion: string;
  },
): LogConfiguration | undefined {
  const given = value ?? {};
  if (typeof given !== 'object' || Array.isArray(given)) throw invalid('', 'must be an object');
  const fields = given as Fields;
  const unknown = Object.keys(fields).find((field) => !FIELDS.includes(field));
  if (unknown !== undefined) throw invalid(`.${unknown}`, 'is not a known field');
  const enabled = fields['enabled'] ?? !deployment.disposable;
  if (typeof enabled !== 'boolean') throw invalid('.enabled', 'must be true or false');
  if (enabled && deployment.disposable) {
    throw invalid('.enabled', 'must not be true in a disposable deployment: what is locked outlives its stacks');
  }
  if (enabled && deployment.auditRetentionDays < MIN_LOGGED_RETENTION_DAYS) {
    throw new Error(
      `The configuration's audit_retention_days must be at least ${MIN_LOGGED_RETENTION_DAYS} where transparency_log is enabled: DynamoDB deletes events whether or not a log has them.`,
    );
  }
  const configuration = {
    owner: readOwner(fields['owner'], deployment.account),
    lockMode: readLockMode(fields['lock_mode']),
    lockDays: readLockDays(fields['lock_days'], deployment.auditRetentionDays),
    keys: readKeys(fields['keys']),
    witness: readWitness(fields, deployment.homeRegion),
  };
  return enabled ? configuration : undefined;
}

function readOwner(value: unknown, account: string): string {
  if (value === undefined || value === account) return account;
  if (typeof value === 'string' && DOMAIN.test(value)) return value;
  throw invalid('.owner', 'must be a domain in lower case, such as audit.example.com');
}

function readLockMode(value: unknown = LOCK_MODES[0]): LockMode {
  const mode = LOCK_MODES.find((each) => each === value);
  if (mode === undefined) throw invalid('.lock_mode', `must be one of ${LOCK_MODES.join(', ')}`);
  return mode;
}

function readKeys(value: unknown = 1): number {
  if (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MAX_KEYS) return value as number;
  throw invalid('.keys', `must be a whole number from 1 to ${MAX_KEYS}`);
}

/** Shorter than the events' own retention, an event in the table would have no archived line to compare it with. */
function readLockDays(value: unknown, auditRetentionDays: number): number {
  const days = value ?? auditRetentionDays;
  if (!Number.isInteger(days) || (days as number) < auditRetentionDays || (days as number) > MAX_LOCK_DAYS) {
    throw invalid(
      '.lock_days',
      `must be a whole number from audit_retention_days, ${auditRetentionDays}, to ${MAX_LOCK_DAYS}`,
    );
  }
  return days as number;
}

function readWitness(fields: Fields, homeRegion: string): WitnessBucket | undefined {
  const { witness_bucket: name, witness_region: region = homeRegion } = fields;
  if (name === undefined) {
    if (fields['witness_region'] === undefined) return undefined;
    throw invalid('.witness_region', 'must be left out where there is no witness_bucket');
  }
  if (typeof name !== 'string' || !BUCKET.test(name)) throw invalid('.witness_bucket', 'must be the name of a bucket');
  if (typeof region !== 'string' || !REGIONS.has(region)) throw invalid('.witness_region', 'is not a valid AWS region');
  return { name, region };
}

const REGIONS: ReadonlySet<string> = new Set(
  RegionInfo.regions.filter((info) => info.partition === 'aws').map((info) => info.name),
);

const invalid = (field: string, rule: string): Error =>
  new Error(`The configuration's transparency_log${field} ${rule}.`);
