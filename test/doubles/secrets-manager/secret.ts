import { ServiceError } from './service-error';

/** Labels with a meaning: https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html */
export const AWSCURRENT = 'AWSCURRENT';
const AWSPREVIOUS = 'AWSPREVIOUS';
export const AWSPENDING = 'AWSPENDING';

/** The value of a version. SecretBinary is base64, as in requests. */
export interface SecretValue {
  readonly SecretString?: string;
  readonly SecretBinary?: string;
}

export interface SecretVersion {
  readonly id: string;
  readonly createdAt: number;
  /** Missing while a rotation has only announced the version. */
  value?: SecretValue;
  readonly labels: Set<string>;
}

/** A secret in one region. */
export interface Secret {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  changedAt: number;
  rotatedAt?: number;
  rotationLambdaArn?: string;
  /** Set in a replica only. */
  readonly primaryRegion?: string;
  /** In the order of their creation. */
  readonly versions: Map<string, SecretVersion>;
}

const VERSIONS_KEPT = 100;
const DAY_MS = 86_400_000;

export const holderOf = (secret: Secret, label: string): SecretVersion | undefined =>
  [...secret.versions.values()].find((version) => version.labels.has(label));

/** Adds a version without labels. */
export function addVersion(secret: Secret, id: string, value: SecretValue | undefined, now: number): SecretVersion {
  const version: SecretVersion = { id, createdAt: now, labels: new Set(), ...(value && { value }) };
  secret.versions.set(id, version);
  return version;
}

/**
 * Puts a label on a version and takes it off the one that had it: a label is on one version at most. "Whenever you move
 * AWSCURRENT, Secrets Manager automatically moves the label AWSPREVIOUS to the version that AWSCURRENT was removed from."
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html
 *
 * AWSPENDING stays where it is when AWSCURRENT joins it, although the rotation guide says that one call does both:
 * https://github.com/aws-samples/aws-secrets-manager-rotation-lambdas/issues/168
 */
export function moveLabel(secret: Secret, label: string, to: SecretVersion): void {
  const from = holderOf(secret, label);
  if (from === to) return;
  from?.labels.delete(label);
  to.labels.add(label);
  if (label === AWSCURRENT && from !== undefined) {
    holderOf(secret, AWSPREVIOUS)?.labels.delete(AWSPREVIOUS);
    from.labels.add(AWSPREVIOUS);
  }
}

/**
 * "Secrets Manager removes unlabeled versions when there are more than 100, but it does not remove versions created less than 24
 * hours ago": a client that puts too often reaches the quota.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html
 */
export function makeRoomForVersion(secret: Secret, now: number): void {
  for (const version of [...secret.versions.values()]) {
    if (secret.versions.size < VERSIONS_KEPT) return;
    if (version.labels.size === 0 && now - version.createdAt >= DAY_MS) secret.versions.delete(version.id);
  }
  if (secret.versions.size >= VERSIONS_KEPT) {
    throw new ServiceError('LimitExceededException', 'The request failed because it would exceed the version quota.');
  }
}

/** A copy that shares nothing with the original, for a replica in another region. */
export const replicaOf = (primary: Secret, primaryRegion: string, arn: string): Secret => ({
  name: primary.name,
  arn,
  createdAt: primary.createdAt,
  changedAt: primary.changedAt,
  primaryRegion,
  versions: new Map(
    [...primary.versions.values()].map((version) => [version.id, { ...version, labels: new Set(version.labels) }]),
  ),
});
