import { DEFAULT_GRACE_PERIOD_DAYS } from '../keysets/dek-keyset';
import { KeywardError } from '../errors/errors';
import { DEFAULT_PROVIDERS, isProvider } from '../crypto/provider';

/** Names of the environment variables that configure a function. The stacks set them, the functions read them. */
export const ENVIRONMENT = {
  /** Comma-separated; default {@link DEFAULT_PROVIDERS}. */
  providers: 'KEYWARD_PROVIDERS',
  /** Comma-separated, home first. */
  regions: 'KEYWARD_REGIONS',
  /** The region that this process runs in; Lambda sets it. */
  region: 'AWS_REGION',
  keysetsTable: 'KEYWARD_KEYSETS_TABLE',
  credentialsTable: 'KEYWARD_CREDENTIALS_TABLE',
  auditTable: 'KEYWARD_AUDIT_TABLE',
  rotationsTable: 'KEYWARD_ROTATIONS_TABLE',
  kekSecret: 'KEYWARD_KEK_SECRET',
  /** After so many days an audit event may be deleted; left out: never. */
  auditRetentionDays: 'KEYWARD_AUDIT_RETENTION_DAYS',
  /** Where finishSecret asks for the rewrap: rotate-kek alone. */
  rewrapQueueUrl: 'KEYWARD_REWRAP_QUEUE_URL',
  /** Where the steps of a DEK rotation are asked for: the functions that start or go on with one. */
  rotationQueueUrl: 'KEYWARD_ROTATION_QUEUE_URL',
  /** What the function is called that proves a key version, in every region: the functions that start or go on with a rotation. */
  proveKeysetFunction: 'KEYWARD_PROVE_KEYSET_FUNCTION',
  /** For so many days after a rotation the version before it still opens tokens; default {@link DEFAULT_GRACE_PERIOD_DAYS}. */
  gracePeriodDays: 'KEYWARD_GRACE_PERIOD_DAYS',
  /** The KEK is rotated every so many days; default {@link DEFAULT_KEK_ROTATION_INTERVAL_DAYS}. */
  kekRotationIntervalDays: 'KEYWARD_KEK_ROTATION_INTERVAL_DAYS',
  /** The dimension `service` of every metric, and the same member of every log line; default `keyward`. */
  service: 'POWERTOOLS_SERVICE_NAME',
  /** Where the KEKs come from: `aws`. */
  secretsProvider: 'SECRETS_PROVIDER',
  /** The region whose Secrets Manager is asked first; default the one that this process runs in. */
  secretsRegion: 'AWS_SECRETS_REGION',
} as const;

const DEFAULT_KEK_ROTATION_INTERVAL_DAYS = 90;

/** A function's configuration, checked. */
export interface Configuration {
  readonly providers: readonly string[];
  readonly region: string;
  readonly homeRegion: string;
  /** All regions, the nearest first. */
  readonly regions: readonly string[];
  /** All regions in the order in which they are asked for the KEK. */
  readonly secretsRegions: readonly string[];
  readonly tables: {
    readonly keysets: string;
    readonly credentials: string;
    readonly audit: string;
    readonly rotations: string;
  };
  readonly kekSecret: string;
  readonly auditRetentionDays: number | undefined;
  readonly gracePeriodDays: number;
  readonly kekRotationIntervalDays: number;
}

const invalid = (message: string): KeywardError => new KeywardError('configuration_invalid', message);

/**
 * Reads a function's configuration.
 *
 * @throws KeywardError `configuration_invalid`, naming the variable
 */
export function readConfiguration(env: Readonly<Record<string, string | undefined>>): Configuration {
  const required = (name: string): string => readText(name, env);
  const secretsProvider = env[ENVIRONMENT.secretsProvider] ?? 'aws';
  if (secretsProvider !== 'aws')
    throw invalid(`${ENVIRONMENT.secretsProvider} must be aws here; local mode is npm start`);
  const region = required(ENVIRONMENT.region);
  const [homeRegion = '', ...replicaRegions] = required(ENVIRONMENT.regions).split(',');
  const all = [homeRegion, ...replicaRegions];
  const first = (nearest: string): readonly string[] => [nearest, ...all.filter((each) => each !== nearest)];
  return {
    providers: readProviders(env),
    region,
    homeRegion,
    regions: first(region),
    secretsRegions: first(env[ENVIRONMENT.secretsRegion] ?? region),
    tables: {
      keysets: required(ENVIRONMENT.keysetsTable),
      credentials: required(ENVIRONMENT.credentialsTable),
      audit: required(ENVIRONMENT.auditTable),
      rotations: required(ENVIRONMENT.rotationsTable),
    },
    kekSecret: required(ENVIRONMENT.kekSecret),
    auditRetentionDays: readDays(ENVIRONMENT.auditRetentionDays, env),
    gracePeriodDays: readDays(ENVIRONMENT.gracePeriodDays, env, 0) ?? DEFAULT_GRACE_PERIOD_DAYS,
    kekRotationIntervalDays: readDays(ENVIRONMENT.kekRotationIntervalDays, env) ?? DEFAULT_KEK_ROTATION_INTERVAL_DAYS,
  };
}

/**
 * The URL of the rewrap queue.
 *
 * @throws KeywardError `configuration_invalid`
 */
export const readRewrapQueueUrl = (env: Readonly<Record<string, string | undefined>>): string =>
  readText(ENVIRONMENT.rewrapQueueUrl, env);

/**
 * The URL of the rotation queue.
 *
 * @throws KeywardError `configuration_invalid`
 */
export const readRotationQueueUrl = (env: Readonly<Record<string, string | undefined>>): string =>
  readText(ENVIRONMENT.rotationQueueUrl, env);

/**
 * The name of the function that proves a key version.
 *
 * @throws KeywardError `configuration_invalid`
 */
export const readProveKeysetFunction = (env: Readonly<Record<string, string | undefined>>): string =>
  readText(ENVIRONMENT.proveKeysetFunction, env);

function readText(name: string, env: Readonly<Record<string, string | undefined>>): string {
  const text = env[name];
  if (text === undefined || text === '') throw invalid(`${name} is not set`);
  return text;
}

/** What metrics and logs say they come from. */
export const readService = (env: Readonly<Record<string, string | undefined>>): string =>
  env[ENVIRONMENT.service] || 'keyward';

function readDays(name: string, env: Readonly<Record<string, string | undefined>>, least = 1): number | undefined {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  if (!/^(0|[1-9][0-9]{0,4})$/.test(text) || Number(text) < least) throw invalid(`${name} must be a number of days`);
  return Number(text);
}

/**
 * The configured providers, or the default ones.
 *
 * @throws KeywardError `configuration_invalid`
 */
export function readProviders(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const text = env[ENVIRONMENT.providers];
  if (text === undefined || text === '') return DEFAULT_PROVIDERS;
  const providers = text.split(',').map((each) => each.trim());
  if (!providers.every(isProvider) || new Set(providers).size !== providers.length) {
    throw invalid(`${ENVIRONMENT.providers} must be different names of a-z, 0-9 and -, separated by commas`);
  }
  return providers;
}
