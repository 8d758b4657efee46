import { ENVIRONMENT } from '../contract/environment';
import { KeywardError } from '../errors/errors';
import { formatOrigin } from '../transparency/log-origin';
import { readService } from './configuration';

type Environment = Readonly<Record<string, string | undefined>>;

const invalid = (message: string): KeywardError => new KeywardError('configuration_invalid', message);

function readText(name: string, env: Environment): string {
  const text = env[name];
  if (text === undefined || text === '') throw invalid(`${name} is not set`);
  return text;
}

/** Whether this deployment keeps a transparency log. */
export const hasLog = (env: Environment): boolean => (env[ENVIRONMENT.logBucket] ?? '') !== '';

const bucketIn = (name: string, env: Environment, region: string): string => `${readText(name, env)}-${region}`;

/**
 * The bucket of a region's archive.
 *
 * @throws KeywardError `configuration_invalid`
 */
export const readArchiveBucket = (env: Environment, region: string): string =>
  bucketIn(ENVIRONMENT.archiveBucket, env, region);

/**
 * The bucket of a region's log.
 *
 * @throws KeywardError `configuration_invalid`
 */
export const readLogBucket = (env: Environment, region: string): string => bucketIn(ENVIRONMENT.logBucket, env, region);

/**
 * The bucket of a region's batches that Lambda gave up.
 *
 * @throws KeywardError `configuration_invalid`
 */
export const readFailedBatchesBucket = (env: Environment, region: string): string =>
  bucketIn(ENVIRONMENT.failedBatchesBucket, env, region);

/**
 * The queue of the reconciliation of a region's log.
 *
 * @throws KeywardError `configuration_invalid`
 */
export const readReconciliationQueueUrl = (env: Environment): string =>
  readText(ENVIRONMENT.reconciliationQueueUrl, env);

/** A key that signs checkpoints, and one that cosigns them. */
interface SigningKeyIds {
  readonly log: string;
  readonly cosigner: string;
}

/** Who signs a log, and who keeps copies of its checkpoints. */
export interface PublisherSettings {
  readonly origin: string;
  /** Keys in KMS, oldest first: the last ones sign, or shall from the next hand-over on. */
  readonly keys: readonly [SigningKeyIds, ...SigningKeyIds[]];
  readonly witness: { readonly bucket: string; readonly region: string } | undefined;
}

/**
 * What the publisher of a region's log needs.
 *
 * @throws KeywardError `configuration_invalid`
 */
export function readPublisherSettings(env: Environment, region: string): PublisherSettings {
  const owner = readText(ENVIRONMENT.logOwner, env);
  const origin = formatOrigin({ owner, stage: readService(env), region });
  if (origin === undefined) {
    throw invalid(`${ENVIRONMENT.logOwner} must be a domain in lower case or the 12 digits of an account`);
  }
  const bucket = env[ENVIRONMENT.witnessBucket] ?? '';
  return {
    origin,
    keys: readKeys(env),
    witness: bucket === '' ? undefined : { bucket, region: env[ENVIRONMENT.witnessRegion] || region },
  };
}

function readKeys(env: Environment): readonly [SigningKeyIds, ...SigningKeyIds[]] {
  const cosigners = readText(ENVIRONMENT.logCosignerKey, env).split(',');
  const logs = readText(ENVIRONMENT.logKey, env).split(',');
  const [first = NO_KEYS, ...others] = logs.map((log, at) => ({ log, cosigner: cosigners[at] ?? '' }));
  const isWhole = [first, ...others].every(({ log, cosigner }) => log !== '' && cosigner !== '');
  if (isWhole && logs.length === cosigners.length) return [first, ...others];
  throw invalid(
    `${ENVIRONMENT.logKey} and ${ENVIRONMENT.logCosignerKey} must have one key each, or as many as each other`,
  );
}

const NO_KEYS: SigningKeyIds = { log: '', cosigner: '' };

/**
 * The name of the function that publishes the log of its region.
 *
 * @throws KeywardError `configuration_invalid`
 */
export const readPublishFunction = (env: Environment): string => readText(ENVIRONMENT.publishFunction, env);
