import type { TableNames } from '../contract/tables';
import {
  DEFAULT_AUDIT_RETENTION_DAYS,
  DEFAULT_GRACE_PERIOD_DAYS,
  DEFAULT_KEK_INTERVAL_DAYS,
  DEFAULT_PREVIOUS_VALUE_DAYS,
  DEFAULT_PROVIDERS,
  DEFAULT_STAGE,
  MAX_PREVIOUS_VALUE_DAYS,
} from '../contract/defaults';
import {
  ENVIRONMENT,
  KEK_SOURCES,
  LOCAL_KEK_SOURCES,
  type KekSource,
  type LocalKekSource,
} from '../contract/environment';
import { KeywardError } from '../errors/errors';
import { isProvider } from '../crypto/provider';

/** A function's configuration, checked. */
export interface Configuration {
  readonly providers: readonly string[];
  readonly region: string;
  readonly homeRegion: string;
  /** All regions, nearest first. */
  readonly regions: readonly string[];
  /** All regions in the order in which the KEK is read. */
  readonly secretsRegions: readonly string[];
  readonly tables: TableNames;
  readonly kekSource: KekSource;
  /** Where a move of the KEK comes from; undefined: there is no move. */
  readonly kekMovingFrom: KekSource | undefined;
  /** Name of the secret in Secrets Manager; empty if the KEK neither is nor was there. */
  readonly kekSecret: string;
  readonly auditRetentionDays: number | undefined;
  readonly gracePeriodDays: number;
  readonly kekRotationIntervalDays: number;
  readonly previousValueDays: number;
}

const invalid = (message: string): KeywardError => new KeywardError('configuration_invalid', message);

/**
 * Reads a function's configuration.
 *
 * @throws KeywardError `configuration_invalid`, naming the variable
 */
export function readConfiguration(env: Readonly<Record<string, string | undefined>>): Configuration {
  const required = (name: string): string => readText(name, env);
  const kekSource = readKekSource(env[ENVIRONMENT.secretsProvider] ?? KEK_SOURCES[0], ENVIRONMENT.secretsProvider);
  const from = env[ENVIRONMENT.kekMovingFrom] ?? '';
  const kekMovingFrom = from === '' ? undefined : readKekSource(from, ENVIRONMENT.kekMovingFrom);
  if (kekMovingFrom === kekSource) {
    throw invalid(`${ENVIRONMENT.kekMovingFrom} must not be the same as ${ENVIRONMENT.secretsProvider}`);
  }
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
    kekSource,
    kekMovingFrom,
    kekSecret: [kekSource, kekMovingFrom].includes('aws') ? required(ENVIRONMENT.kekSecret) : '',
    auditRetentionDays: readDays(ENVIRONMENT.auditRetentionDays, env),
    gracePeriodDays: readDays(ENVIRONMENT.gracePeriodDays, env, 0) ?? DEFAULT_GRACE_PERIOD_DAYS,
    kekRotationIntervalDays: readKekRotationIntervalDays(env),
    previousValueDays: readPreviousValueDays(env),
  };
}

function readKekSource(text: string, name: string): KekSource {
  const source = KEK_SOURCES.find((each) => each === text);
  if (source === undefined) throw invalid(`${name} must be ${KEK_SOURCES.join(' or ')} here; local mode is npm start`);
  return source;
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
export const readDekRotationQueueUrl = (env: Readonly<Record<string, string | undefined>>): string =>
  readText(ENVIRONMENT.dekRotationQueueUrl, env);

/**
 * The name of the function that proves a key version.
 *
 * @throws KeywardError `configuration_invalid`
 */
export const readProveKeysetFunction = (env: Readonly<Record<string, string | undefined>>): string =>
  readText(ENVIRONMENT.proveKeysetFunction, env);

/**
 * The name of the function that rotates the KEK.
 *
 * @throws KeywardError `configuration_invalid`
 */
export const readRotateKekFunction = (env: Readonly<Record<string, string | undefined>>): string =>
  readText(ENVIRONMENT.rotateKekFunction, env);

function readText(name: string, env: Readonly<Record<string, string | undefined>>): string {
  const text = env[name];
  if (text === undefined || text === '') throw invalid(`${name} is not set`);
  return text;
}

/**
 * Reads the days between two KEK rotations.
 *
 * @throws KeywardError `configuration_invalid`
 */
export const readKekRotationIntervalDays = (env: Readonly<Record<string, string | undefined>>): number =>
  readDays(ENVIRONMENT.kekRotationIntervalDays, env) ?? DEFAULT_KEK_INTERVAL_DAYS;

/**
 * Reads where local mode has its KEK.
 *
 * @throws KeywardError `configuration_invalid`
 */
export function readLocalKekSource(env: Readonly<Record<string, string | undefined>>): LocalKekSource {
  const source = LOCAL_KEK_SOURCES.find((each) => each === (env[ENVIRONMENT.secretsProvider] || LOCAL_KEK_SOURCES[0]));
  if (source === undefined) {
    throw invalid(`${ENVIRONMENT.secretsProvider} must be ${LOCAL_KEK_SOURCES.join(' or ')} in local mode`);
  }
  return source;
}

/**
 * Reads the old home of the KEK in local mode, while it is being moved.
 *
 * @returns undefined if the KEK has one home
 * @throws KeywardError `configuration_invalid`
 */
export function readLocalKekMovingFrom(
  env: Readonly<Record<string, string | undefined>>,
  target: LocalKekSource,
): LocalKekSource | undefined {
  const text = env[ENVIRONMENT.kekMovingFrom];
  if (text === undefined || text === '') return undefined;
  const source = LOCAL_KEK_SOURCES.find((each) => each === text);
  if (source !== undefined && source !== target) return source;
  throw invalid(
    `${ENVIRONMENT.kekMovingFrom} must be ${LOCAL_KEK_SOURCES.join(' or ')} in local mode, and another one than ${ENVIRONMENT.secretsProvider}`,
  );
}

/** The service name in metrics and logs. */
export const readService = (env: Readonly<Record<string, string | undefined>>): string =>
  env[ENVIRONMENT.service] || DEFAULT_STAGE;

function readDays(name: string, env: Readonly<Record<string, string | undefined>>, least = 1): number | undefined {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  if (!/^(0|[1-9][0-9]{0,4})$/.test(text) || Number(text) < least) throw invalid(`${name} must be a number of days`);
  return Number(text);
}

/**
 * Reads the days that a previous value is kept.
 *
 * @throws KeywardError `configuration_invalid`
 */
export function readPreviousValueDays(env: Readonly<Record<string, string | undefined>>): number {
  const days = readDays(ENVIRONMENT.previousValueDays, env, 0) ?? DEFAULT_PREVIOUS_VALUE_DAYS;
  if (days > MAX_PREVIOUS_VALUE_DAYS) {
    throw invalid(`${ENVIRONMENT.previousValueDays} must be at most ${MAX_PREVIOUS_VALUE_DAYS} days`);
  }
  return days;
}

/**
 * For at least how many days an audit event is kept: in local mode, and as far back as the reconciliation looks.
 *
 * @throws KeywardError `configuration_invalid`
 */
export const readAuditRetentionDays = (env: Readonly<Record<string, string | undefined>>): number =>
  readDays(ENVIRONMENT.auditRetentionDays, env) ?? DEFAULT_AUDIT_RETENTION_DAYS;

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
