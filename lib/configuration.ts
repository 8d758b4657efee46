import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { RegionInfo } from 'aws-cdk-lib/region-info';

/** What one deployment is like, checked. Times are in days unless the name says otherwise. */
export interface Deployment {
  /** Begins every name, so that two deployments in one account do not collide. */
  readonly stage: string;
  readonly account: string;
  readonly homeRegion: string;
  readonly replicaRegions: readonly string[];
  /** Home first. */
  readonly regions: readonly string[];
  readonly providers: readonly string[];
  readonly kekRotationIntervalDays: 30 | 60 | 90;
  /** How long the version before a DEK rotation still decrypts. */
  readonly gracePeriodDays: number;
  /** After so many days an audit event may be deleted. */
  readonly auditRetentionDays: number;
  readonly logRetentionDays: RetentionDays;
  readonly alarmEmail: string | undefined;
  /** Name of the role, made by the operator, that may touch the KEK in an emergency. */
  readonly breakGlassRole: string;
  readonly throttles: Throttles;
  /** Lets the role that deploys change the secret itself, such as its replicas. Off but for such a change. */
  readonly secretMaintenance: boolean;
}

interface Throttles {
  /** For each method of the API and region. */
  readonly requestsPerSecond: number;
  readonly burst: number;
  /** For each source address and region, counted by the web firewall. */
  readonly requestsPerAddressIn5Minutes: number;
}

/** Documentation's own account id: a synthesis needs one, a deployment brings its own. */
export const ACCOUNT_FOR_SYNTHESIS = '111111111111';

const DEFAULTS = {
  stage: 'keyward',
  home_region: 'us-east-1',
  replica_regions: ['eu-west-1', 'ap-south-1'],
  providers: ['openai', 'anthropic', 'google', 'global'],
  kek_rotation_interval_days: 90,
  grace_period_days: 7,
  audit_retention_days: 400,
  log_retention_days: 400,
  throttles: {},
  secret_maintenance: false,
} as const;

const THROTTLES = { requests_per_second: 500, burst: 1000, requests_per_address_in_5_minutes: 600_000 } as const;

const FIELDS = new Set([...Object.keys(DEFAULTS), 'account', 'alarm_email', 'break_glass_role']);
const INTERVALS: readonly number[] = [30, 60, 90];
const RETENTIONS = Object.values(RetentionDays).filter(
  (days): days is RetentionDays => typeof days === 'number' && days !== RetentionDays.INFINITE,
);
const STAGE = /^[a-z][a-z0-9-]{0,18}[a-z0-9]$/;
/** The same rule as at run time (docs/format.md); lib knows nothing else of what runs. */
const PROVIDER = /^[a-z0-9][a-z0-9-]{0,49}$/;
/** Each provider has five policies in a stack, which holds at most 500 resources. */
const MAX_PROVIDERS = 40;
const EMAIL = /^[^\s@,]{1,64}@[^\s@,]{1,190}$/;
const ROLE_NAME = /^[\w+=,.@-]{1,64}$/;
/** AWS WAF's own limits for a rate-based rule. */
const RATE_RANGE = [10, 2_000_000_000] as const;

/**
 * Reads the configuration object of cdk.json's context; a field that is left out has its default.
 *
 * @param context what stands under `keyward`
 * @param accountFromEnvironment the account of the credentials in use, if there are any
 * @throws Error with one sentence that names the field
 */
export function readDeployment(context: unknown, accountFromEnvironment?: string): Deployment {
  const given = asObject('keyward', context ?? {});
  refuseUnknown('', given, FIELDS);
  const fields: Record<string, unknown> = { ...DEFAULTS, ...given };
  const stage = text('stage', fields.stage, STAGE, 'must be 2 to 20 of a-z, 0-9 and -, beginning with a letter');
  const homeRegion = region('home_region', fields.home_region);
  const replicaRegions = list('replica_regions', fields.replica_regions).map((each) => region('replica_regions', each));
  if (replicaRegions.includes(homeRegion)) throw invalid('replica_regions', `must not contain the home region`);
  refuseRepeated('replica_regions', replicaRegions);
  const kekRotationIntervalDays = fields.kek_rotation_interval_days as 30 | 60 | 90;
  if (!INTERVALS.includes(kekRotationIntervalDays)) {
    throw invalid('kek_rotation_interval_days', 'must be 30, 60 or 90');
  }
  const gracePeriodDays = integer('grace_period_days', fields.grace_period_days, 0, 365);
  if (gracePeriodDays > kekRotationIntervalDays) {
    throw invalid('grace_period_days', 'must not be longer than kek_rotation_interval_days');
  }
  const logRetentionDays = RETENTIONS.find((days) => days === fields.log_retention_days);
  if (logRetentionDays === undefined) throw invalid('log_retention_days', `must be one of ${RETENTIONS.join(', ')}`);
  return {
    stage,
    account: text(
      'account',
      fields['account'] ?? accountFromEnvironment ?? ACCOUNT_FOR_SYNTHESIS,
      /^\d{12}$/,
      'must be a text of 12 digits',
    ),
    homeRegion,
    replicaRegions,
    regions: [homeRegion, ...replicaRegions],
    providers: readProviders(fields.providers),
    kekRotationIntervalDays,
    gracePeriodDays,
    auditRetentionDays: integer('audit_retention_days', fields.audit_retention_days, 30, 3650),
    logRetentionDays,
    alarmEmail:
      fields['alarm_email'] === undefined
        ? undefined
        : text('alarm_email', fields['alarm_email'], EMAIL, 'must be an e-mail address'),
    breakGlassRole: text(
      'break_glass_role',
      fields['break_glass_role'] ?? `${stage}-break-glass`,
      ROLE_NAME,
      'must be the name of an IAM role, without a path',
    ),
    throttles: readThrottles(fields.throttles),
    secretMaintenance: boolean('secret_maintenance', fields.secret_maintenance),
  };
}

function readProviders(value: unknown): readonly string[] {
  const rule = 'must be 1 to 50 of a-z, 0-9 and -, not beginning with -';
  const providers = list('providers', value).map((each) => text('providers', each, PROVIDER, rule));
  if (providers.length === 0) throw invalid('providers', 'must name at least one provider');
  if (providers.length > MAX_PROVIDERS) throw invalid('providers', `must name at most ${MAX_PROVIDERS} providers`);
  refuseRepeated('providers', providers);
  return providers;
}

function readThrottles(value: unknown): Throttles {
  const given = asObject('throttles', value);
  refuseUnknown('throttles.', given, new Set(Object.keys(THROTTLES)));
  const fields = { ...THROTTLES, ...given };
  const requestsPerSecond = integer('throttles.requests_per_second', fields.requests_per_second, 1, 10_000);
  return {
    requestsPerSecond,
    burst: integer('throttles.burst', fields.burst, requestsPerSecond, 20_000),
    requestsPerAddressIn5Minutes: integer(
      'throttles.requests_per_address_in_5_minutes',
      fields.requests_per_address_in_5_minutes,
      ...RATE_RANGE,
    ),
  };
}

const invalid = (field: string, rule: string): Error => new Error(`The configuration's ${field} ${rule}.`);

function asObject(field: string, value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(field, 'must be an object');
  return value as Record<string, unknown>;
}

function refuseUnknown(prefix: string, given: Record<string, unknown>, known: ReadonlySet<string>): void {
  const unknown = Object.keys(given).find((field) => !known.has(field));
  if (unknown !== undefined) throw invalid(`${prefix}${unknown}`, 'is not a field that there is');
}

function refuseRepeated(field: string, values: readonly string[]): void {
  if (new Set(values).size !== values.length) throw invalid(field, 'must not name anything twice');
}

function text(field: string, value: unknown, pattern: RegExp, rule: string): string {
  if (typeof value !== 'string' || !pattern.test(value)) throw invalid(field, rule);
  return value;
}

function list(field: string, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid(field, 'must be a list');
  return value;
}

function integer(field: string, value: unknown, min: number, max: number): number {
  if (!Number.isInteger(value) || (value as number) < min || (value as number) > max) {
    throw invalid(field, `must be a whole number from ${min} to ${max}`);
  }
  return value as number;
}

function boolean(field: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw invalid(field, 'must be true or false');
  return value;
}

/** Other partitions have other ARNs, and services that this deployment needs are missing there. */
function region(field: string, value: unknown): string {
  const known = RegionInfo.regions.filter((info) => info.partition === 'aws').map((info) => info.name);
  if (typeof value !== 'string' || !known.includes(value)) throw invalid(field, 'must name a region of AWS');
  return value;
}
