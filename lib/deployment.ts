import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import {
  DEFAULT_DEK_INTERVAL_DAYS,
  DEFAULT_GRACE_PERIOD_DAYS,
  DEFAULT_KEK_INTERVAL_DAYS,
  DEFAULT_PREVIOUS_VALUE_DAYS,
  DEFAULT_PROVIDERS,
  DEFAULT_STAGE,
  MAX_PREVIOUS_VALUE_DAYS,
} from '../lambdas/core/contract/defaults';
import { INTERVALS_DAYS, INTERVALS_DESCRIPTION } from '../lambdas/core/contract/limits';
import { PROVIDER_PATTERN } from '../lambdas/core/contract/names';
import { isAddressBlock } from './api/address-block';
import { readKekConfiguration, type KekConfiguration } from './kek-configuration';
import { readLogConfiguration, type LogConfiguration } from './log-configuration';

/** The checked configuration of one deployment. Times are in days unless the name says otherwise. */
export interface Deployment {
  /** Begins every name, so that two deployments in one account do not collide. */
  readonly stage: string;
  readonly account: string;
  readonly homeRegion: string;
  readonly replicaRegions: readonly string[];
  /** Home first. */
  readonly regions: readonly string[];
  readonly providers: readonly string[];
  /** Where the KEK is. */
  readonly kek: KekConfiguration;
  readonly kekRotationIntervalDays: (typeof INTERVALS_DAYS)[number];
  /** The grace period after a DEK rotation. */
  readonly gracePeriodDays: number;
  /** Days until an audit event may be deleted. */
  readonly auditRetentionDays: number;
  /** Days that a previous value is kept; 0: none is kept. */
  readonly previousValueDays: number;
  readonly logRetentionDays: RetentionDays;
  readonly alarmEmail: string | undefined;
  /** Name of the break-glass role, made by the operator, which may read and change the KEK. */
  readonly breakGlassRole: string;
  readonly throttles: Throttles;
  /** Lets the deploying role change the secret itself, such as its replicas. Turned on only for such a change. */
  readonly secretMaintenance: boolean;
  /** Refusals (403) per region in five minutes above which an alarm is raised. */
  readonly refusalsIn5Minutes: number;
  /** The only address blocks that signed calls may come from. Undefined: any address. */
  readonly sourceAddresses: readonly string[] | undefined;
  /** The only AWS organization whose principals may call. Undefined: any principal with a policy. */
  readonly organizationId: string | undefined;
  /** Whether its data is deleted with its stacks (disposable.ts). */
  readonly disposable: boolean;
  /** The transparency log of each region; undefined: none is kept. */
  readonly log: LogConfiguration | undefined;
}

interface Throttles {
  /** Limit for each method and region. */
  readonly requestsPerSecond: number;
  readonly burst: number;
  /** Limit of the web firewall for each source address and region. */
  readonly requestsPerAddressIn5Minutes: number;
}

/** AWS's account id for documentation: a synthesis needs an account id, a deployment has its own. */
export const ACCOUNT_FOR_SYNTHESIS = '111111111111';

const DEFAULTS = {
  stage: DEFAULT_STAGE,
  home_region: 'us-east-1',
  replica_regions: ['eu-west-1', 'ap-south-1'],
  providers: DEFAULT_PROVIDERS,
  kek_rotation_interval_days: DEFAULT_KEK_INTERVAL_DAYS,
  grace_period_days: DEFAULT_GRACE_PERIOD_DAYS,
  audit_retention_days: 400,
  previous_value_days: DEFAULT_PREVIOUS_VALUE_DAYS,
  log_retention_days: 400,
  throttles: {},
  secret_maintenance: false,
  refusals_in_5_minutes: 100,
  disposable: false,
} as const;

const THROTTLES = { requests_per_second: 500, burst: 1000, requests_per_address_in_5_minutes: 600_000 } as const;

const FIELDS = new Set([
  ...Object.keys(DEFAULTS),
  ...['account', 'alarm_email', 'break_glass_role', 'kek', 'organization_id', 'source_addresses', 'transparency_log'],
]);
const RETENTIONS = Object.values(RetentionDays).filter(
  (days): days is RetentionDays => typeof days === 'number' && days !== RetentionDays.INFINITE,
);
const STAGE = /^[a-z][a-z0-9-]{0,18}[a-z0-9]$/;
/** Each provider has a policy for each grant (CALLER_GRANTS) in a stack, which holds at most 500 resources; test/infra/stacks/limits.test.ts counts. */
const MAX_PROVIDERS = 40;
/** A resource policy of API Gateway has at most 8,192 bytes; the longest block has 43 (API Gateway quotas). */
const MAX_SOURCE_ADDRESSES = 100;
const ORGANIZATION = /^o-[a-z0-9]{10,32}$/;
const DISPOSABLE_STAGE = /^(?:test|dev)-/;
/** A stage `a-dek` is refused: its queue `rotation-dlq` would have the name of stage `a`'s `dek-rotation-dlq`. */
const TAKES_A_NAME = /-dek$/;
const EMAIL = /^[^\s@,]{1,64}@[^\s@,]{1,190}$/;
const ROLE_NAME = /^[\w+=,.@-]{1,64}$/;
/** AWS WAF's own limits for a rate-based rule. */
const RATE_RANGE = [10, 2_000_000_000] as const;

/**
 * Reads the configuration object of cdk.json's context; a field that is left out has its default.
 *
 * @param context the value of `keyward`
 * @param accountFromEnvironment the account of the current credentials, if any
 * @throws Error with one sentence that names the field
 */
export function readDeployment(context: unknown, accountFromEnvironment?: string): Deployment {
  const given = asObject('keyward', context ?? {});
  refuseUnknown('', given, FIELDS);
  const fields: Record<string, unknown> = { ...DEFAULTS, ...given };
  const stage = text('stage', fields.stage, STAGE, 'must be 2 to 20 of a-z, 0-9 and -, beginning with a letter');
  if (TAKES_A_NAME.test(stage)) throw invalid('stage', 'must not end in -dek: a queue of another stage has that name');
  const homeRegion = region('home_region', fields.home_region);
  const replicaRegions = list('replica_regions', fields.replica_regions).map((each) => region('replica_regions', each));
  if (replicaRegions.includes(homeRegion)) throw invalid('replica_regions', `must not contain the home region`);
  refuseRepeated('replica_regions', replicaRegions);
  const kekRotationIntervalDays = INTERVALS_DAYS.find((days) => days === fields.kek_rotation_interval_days);
  if (kekRotationIntervalDays === undefined) {
    throw invalid('kek_rotation_interval_days', `must be ${INTERVALS_DESCRIPTION}`);
  }
  const gracePeriodDays = integer('grace_period_days', fields.grace_period_days, 0, 365);
  // The grace period must be over when the next rotation begins.
  if (gracePeriodDays > DEFAULT_DEK_INTERVAL_DAYS) {
    throw invalid(
      'grace_period_days',
      `must not be longer than ${DEFAULT_DEK_INTERVAL_DAYS}, the days after which the DEK of a new provider rotates`,
    );
  }
  const logRetentionDays = RETENTIONS.find((days) => days === fields.log_retention_days);
  if (logRetentionDays === undefined) throw invalid('log_retention_days', `must be one of ${RETENTIONS.join(', ')}`);
  const account = text(
    'account',
    fields['account'] ?? accountFromEnvironment ?? ACCOUNT_FOR_SYNTHESIS,
    /^\d{12}$/,
    'must be a text of 12 digits',
  );
  const auditRetentionDays = integer('audit_retention_days', fields.audit_retention_days, 30, 3650);
  const disposable = readDisposable(stage, fields.disposable);
  return {
    stage,
    account,
    homeRegion,
    replicaRegions,
    regions: [homeRegion, ...replicaRegions],
    providers: readProviders(fields.providers),
    kek: readKekConfiguration(fields['kek'], [homeRegion, ...replicaRegions]),
    kekRotationIntervalDays,
    gracePeriodDays,
    auditRetentionDays,
    previousValueDays: integer('previous_value_days', fields.previous_value_days, 0, MAX_PREVIOUS_VALUE_DAYS),
    logRetentionDays,
    alarmEmail: optional(fields['alarm_email'], (value) =>
      text('alarm_email', value, EMAIL, 'must be an e-mail address'),
    ),
    breakGlassRole: text(
      'break_glass_role',
      fields['break_glass_role'] ?? `${stage}-break-glass`,
      ROLE_NAME,
      'must be the name of an IAM role, without a path',
    ),
    throttles: readThrottles(fields.throttles),
    secretMaintenance: boolean('secret_maintenance', fields.secret_maintenance),
    refusalsIn5Minutes: integer('refusals_in_5_minutes', fields.refusals_in_5_minutes, 0, 1_000_000),
    sourceAddresses: optional(fields['source_addresses'], readSourceAddresses),
    organizationId: optional(fields['organization_id'], (value) =>
      text('organization_id', value, ORGANIZATION, 'must be the id of an AWS organization, such as o-a1b2c3d4e5'),
    ),
    disposable,
    log: readLogConfiguration(fields['transparency_log'], { account, auditRetentionDays, disposable, homeRegion }),
  };
}

const optional = <Value>(value: unknown, read: (value: unknown) => Value): Value | undefined =>
  value === undefined ? undefined : read(value);

/** Refuses an empty list: it could mean nobody or everybody. */
function readSourceAddresses(value: unknown): readonly string[] {
  const blocks = list('source_addresses', value).map((each) => {
    if (typeof each === 'string' && isAddressBlock(each)) return each;
    throw invalid(
      'source_addresses',
      'must be address blocks such as 192.0.2.0/24 or 2001:db8::/32, without bits after the prefix',
    );
  });
  if (blocks.length === 0) throw invalid('source_addresses', 'must have at least one block or be left out');
  if (blocks.length > MAX_SOURCE_ADDRESSES) {
    throw invalid('source_addresses', `must have at most ${MAX_SOURCE_ADDRESSES} blocks`);
  }
  refuseRepeated('source_addresses', blocks);
  return blocks;
}

function readDisposable(stage: string, value: unknown): boolean {
  const disposable = boolean('disposable', value);
  if (disposable && !DISPOSABLE_STAGE.test(stage)) {
    throw invalid('disposable', 'is only for a stage whose name begins with test- or dev-');
  }
  return disposable;
}

function readProviders(value: unknown): readonly string[] {
  const rule = 'must be 1 to 50 of a-z, 0-9 and -, not beginning with -';
  const providers = list('providers', value).map((each) => text('providers', each, PROVIDER_PATTERN, rule));
  if (providers.length === 0) throw invalid('providers', 'must have at least one provider');
  if (providers.length > MAX_PROVIDERS) throw invalid('providers', `must have at most ${MAX_PROVIDERS} providers`);
  refuseRepeated('providers', providers);
  if (providers.some(namesARegion)) {
    throw invalid(
      'providers',
      'must not contain a region name followed by a hyphen: policies of two stages would collide',
    );
  }
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
  if (unknown !== undefined) throw invalid(`${prefix}${unknown}`, 'is not a known field');
}

function refuseRepeated(field: string, values: readonly string[]): void {
  if (new Set(values).size !== values.length) throw invalid(field, 'must not have duplicates');
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

/** Regions of other partitions are refused: their ARNs differ, and they lack services that a deployment needs. */
function region(field: string, value: unknown): string {
  if (typeof value !== 'string' || !REGIONS.includes(value)) throw invalid(field, 'is not a valid AWS region');
  return value;
}

const REGIONS = RegionInfo.regions.filter((info) => info.partition === 'aws').map((info) => info.name);

/**
 * A policy for callers is named `<stage>-<region>-<provider>-<grant>`: stage `a` with provider `eu-west-1-x` would make the same
 * name as stage `a-eu-west-1` with provider `x`.
 */
const namesARegion = (provider: string): boolean => REGIONS.some((each) => `-${provider}`.includes(`-${each}-`));
