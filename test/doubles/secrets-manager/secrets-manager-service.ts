import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { Replication, type ReplicationStatus } from './replication';
import {
  clientRequestToken,
  MAX_VALUE_BYTES,
  optionalSecretValue,
  optionalText,
  requiredText,
  versionStages,
  type Request,
} from './request';
import { Rotations } from './rotation';
import {
  addVersion,
  AWSCURRENT,
  AWSPENDING,
  holderOf,
  makeRoomForVersion,
  moveLabel,
  type Secret,
  type SecretVersion,
} from './secret';
import { ServiceError } from './service-error';

type Reply = Readonly<Record<string, unknown>>;
type Operation = (region: string, request: Request) => Reply;

const ACCOUNT = '111111111111';
const seconds = (ms: number): number => ms / 1000;

/**
 * The documented behaviour of AWS Secrets Manager in all regions, for the calls of Keyward. Where the service may do one of two
 * things, the double does the one that is harder for its client. Each behaviour names its source; `API_…` is a page of
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/.
 */
export class SecretsManagerService {
  readonly replication: Replication;
  readonly rotations = new Rotations();
  /** Whether a finished rotation takes AWSPENDING off (aws-samples/aws-secrets-manager-rotation-lambdas#145) or leaves it (#168). */
  pendingAfterRotation: 'kept' | 'removed' = 'kept';
  /** The number of next reads that do not find a version to which AWSPENDING was just attached. */
  pendingHiddenFor = { readsByStage: 0, readsByVersionId: 0 };

  /** The quota for a value; a test raises it to return one that the service would refuse. */
  maxValueBytes = MAX_VALUE_BYTES;

  private readonly regions = new Map<string, Map<string, Secret>>();
  private readonly operations: ReadonlyMap<string, Operation>;

  constructor(private readonly now: () => number) {
    this.replication = new Replication(now, (region, replica) => this.secretsIn(region).set(replica.name, replica));
    this.operations = new Map<string, Operation>([
      ['CreateSecret', this.createSecret.bind(this)],
      ['DescribeSecret', this.describeSecret.bind(this)],
      ['GetSecretValue', this.getSecretValue.bind(this)],
      ['PutSecretValue', this.putSecretValue.bind(this)],
      ['ReplicateSecretToRegions', this.replicateSecretToRegions.bind(this)],
      ['RotateSecret', this.rotateSecret.bind(this)],
      ['UpdateSecretVersionStage', this.updateSecretVersionStage.bind(this)],
    ]);
  }

  /** @throws ServiceError */
  call(operation: string, region: string, request: Request): Reply {
    const implementation = this.operations.get(operation);
    if (implementation === undefined) throw new ServiceError('UnknownOperationException', 'Unknown operation.');
    this.replication.arriveIn(region);
    return implementation(region, request);
  }

  /**
   * What the service does by itself after a rotation that failed: "A previous rotation isn't complete. That rotation
   * will be reattempted." All four steps run again with the same token.
   */
  reattemptRotation(region: string, secretId: string): void {
    const secret = this.find(region, secretId);
    const pending = holderOf(secret, AWSPENDING);
    if (pending !== undefined) this.startRotation(region, secret, pending, false);
  }

  /** API_CreateSecret. Without a value the secret has no version at all. */
  private createSecret(region: string, request: Request): Reply {
    const name = requiredText(request, 'Name');
    const token = clientRequestToken(request);
    const value = optionalSecretValue(request, this.maxValueBytes);
    if (this.secretsIn(region).has(name)) {
      throw new ServiceError(
        'ResourceExistsException',
        `The operation failed because the secret ${name} already exists.`,
      );
    }
    const now = this.now();
    // Secrets Manager adds a hyphen and six random characters to the name (API_CreateSecret, Name).
    const arn = `arn:aws:secretsmanager:${region}:${ACCOUNT}:secret:${name}-${randomBytes(3).toString('hex')}`;
    const secret: Secret = { name, arn, createdAt: now, changedAt: now, versions: new Map() };
    if (value !== undefined) moveLabel(secret, AWSCURRENT, addVersion(secret, token, value, now));
    this.secretsIn(region).set(name, secret);
    const replicas = this.addReplicas(region, secret, request['AddReplicaRegions']);
    return {
      ARN: arn,
      Name: name,
      ...(value && { VersionId: token }),
      ...(replicas.length > 0 && { ReplicationStatus: replicas }),
    };
  }

  /**
   * API_DescribeSecret. Versions without labels are not shown; a pending one is shown even while it is empty: "To check
   * if a secret version exists, call GetSecretValue."
   */
  private describeSecret(region: string, request: Request): Reply {
    const secret = this.find(region, requiredText(request, 'SecretId'));
    const labelled = [...secret.versions.values()].filter((version) => version.labels.size > 0);
    const status = this.replication.statusOf(secret);
    return {
      ARN: secret.arn,
      Name: secret.name,
      CreatedDate: seconds(secret.createdAt),
      LastChangedDate: seconds(secret.changedAt),
      ...(secret.rotatedAt !== undefined && { LastRotatedDate: seconds(secret.rotatedAt) }),
      ...(secret.rotationLambdaArn !== undefined && {
        RotationEnabled: true,
        RotationLambdaARN: secret.rotationLambdaArn,
      }),
      ...(secret.primaryRegion !== undefined && { PrimaryRegion: secret.primaryRegion }),
      ...(status.length > 0 && { PrimaryRegion: region, ReplicationStatus: status }),
      VersionIdsToStages: Object.fromEntries(labelled.map((version) => [version.id, [...version.labels]])),
    };
  }

  /** API_GetSecretValue. "If you include both … the two parameters must refer to the same secret version." */
  private getSecretValue(region: string, request: Request): Reply {
    const secret = this.find(region, requiredText(request, 'SecretId'));
    const id = optionalText(request, 'VersionId');
    const stage = optionalText(request, 'VersionStage') ?? (id === undefined ? AWSCURRENT : undefined);
    const version = id === undefined ? holderOf(secret, stage ?? AWSCURRENT) : secret.versions.get(id);
    if (version === undefined || version.value === undefined || this.isHidden(version, id !== undefined)) {
      // The text for a stage is the one in https://github.com/aws/aws-sdk-js-v3/issues/7701.
      const what = id === undefined ? `staging label: ${stage ?? AWSCURRENT}` : `VersionId: ${id}`;
      throw new ServiceError(
        'ResourceNotFoundException',
        `Secrets Manager can't find the specified secret value for ${what}`,
      );
    }
    if (stage !== undefined && !version.labels.has(stage)) {
      throw new ServiceError(
        'InvalidRequestException',
        'You provided a VersionStage that is not associated to the provided VersionId.',
      );
    }
    return {
      ARN: secret.arn,
      Name: secret.name,
      VersionId: version.id,
      ...version.value,
      VersionStages: [...version.labels],
      CreatedDate: seconds(version.createdAt),
    };
  }

  /** "The createSecret step always succeeds", and the read after it fails: https://github.com/aws/aws-sdk-js-v3/issues/7701 */
  private isHidden(version: SecretVersion, byVersionId: boolean): boolean {
    if (!version.labels.has(AWSPENDING) || version.labels.has(AWSCURRENT)) return false;
    const counter = byVersionId ? 'readsByVersionId' : 'readsByStage';
    if (this.pendingHiddenFor[counter] === 0) return false;
    this.pendingHiddenFor[counter] -= 1;
    return true;
  }

  /** API_PutSecretValue. */
  private putSecretValue(region: string, request: Request): Reply {
    const secret = this.findPrimary(region, requiredText(request, 'SecretId'));
    const token = clientRequestToken(request);
    const value = optionalSecretValue(request, this.maxValueBytes);
    if (value === undefined) {
      throw new ServiceError('InvalidRequestException', 'You must provide either SecretString or SecretBinary.');
    }
    const stages = versionStages(request) ?? [AWSCURRENT];
    const existing = secret.versions.get(token);
    if (existing?.value !== undefined) {
      // "If a version with this value already exists and that version's SecretString or SecretBinary values are the same as those
      // in the request then the request is ignored." Its labels are ignored, too. Otherwise "the request fails".
      if (!isDeepStrictEqual(existing.value, value)) {
        throw new ServiceError(
          'ResourceExistsException',
          `You can't use ClientRequestToken ${token} because that value is already in use for a version of secret ${secret.arn}.`,
        );
      }
      return putReply(secret, existing);
    }
    // "If this operation creates the first version for the secret, then Secrets Manager automatically attaches the staging label
    // AWSCURRENT to it", independently of VersionStages. A version without a value does not count as one.
    const isFirst = [...secret.versions.values()].every((version) => version.value === undefined);
    const now = this.now();
    const version = existing ?? this.addFreshVersion(secret, token, now);
    version.value = value;
    for (const stage of isFirst ? new Set([...stages, AWSCURRENT]) : stages) moveLabel(secret, stage, version);
    this.changed(region, secret, false);
    return putReply(secret, version);
  }

  /** API_UpdateSecretVersionStage. */
  private updateSecretVersionStage(region: string, request: Request): Reply {
    const secret = this.findPrimary(region, requiredText(request, 'SecretId'));
    const label = requiredText(request, 'VersionStage');
    const removeFrom = optionalText(request, 'RemoveFromVersionId');
    const moveTo = optionalText(request, 'MoveToVersionId');
    if (removeFrom === undefined && moveTo === undefined) {
      throw new ServiceError('InvalidParameterException', 'Specify MoveToVersionId, RemoveFromVersionId, or both.');
    }
    const holder = holderOf(secret, label);
    const target = moveTo === undefined ? undefined : secret.versions.get(moveTo);
    if (moveTo !== undefined && target === undefined) {
      throw new ServiceError(
        'ResourceNotFoundException',
        `Secrets Manager can't find the specified secret value for VersionId: ${moveTo}`,
      );
    }
    // "If the label is attached and you either do not specify this parameter, or the version ID does not match, then the
    // operation fails." So a retry of a call that was carried out fails as well. The text is that of
    // https://github.com/hashicorp/terraform-provider-aws/issues/19943.
    if (removeFrom === undefined && holder !== undefined && holder !== target) {
      throw new ServiceError(
        'InvalidParameterException',
        `The parameter RemoveFromVersionId can't be empty. Staging label ${label} is currently attached to version ${holder.id}, so you must explicitly reference that version in RemoveFromVersionId.`,
      );
    }
    if (removeFrom !== undefined && holder?.id !== removeFrom) {
      throw new ServiceError(
        'InvalidParameterException',
        `RemoveFromVersionId must be the version that staging label ${label} is attached to.`,
      );
    }
    if (target !== undefined) {
      moveLabel(secret, label, target);
    } else if (label === AWSCURRENT) {
      // As terraform-provider-aws quotes it (internal/service/secretsmanager/secret_version.go).
      throw new ServiceError(
        'InvalidParameterException',
        "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.",
      );
    } else {
      holder?.labels.delete(label);
    }
    this.changed(region, secret, true);
    return { ARN: secret.arn, Name: secret.name };
  }

  /** API_ReplicateSecretToRegions. */
  private replicateSecretToRegions(region: string, request: Request): Reply {
    const secret = this.findPrimary(region, requiredText(request, 'SecretId'));
    return { ARN: secret.arn, ReplicationStatus: this.addReplicas(region, secret, request['AddReplicaRegions']) };
  }

  /** API_RotateSecret. It answers before the first step runs. */
  private rotateSecret(region: string, request: Request): Reply {
    const secret = this.findPrimary(region, requiredText(request, 'SecretId'));
    const token = clientRequestToken(request);
    const lambdaArn = optionalText(request, 'RotationLambdaARN') ?? secret.rotationLambdaArn;
    if (lambdaArn === undefined || !this.rotations.functions.has(lambdaArn)) {
      // "You tried to enable rotation on a secret that doesn't already have a Lambda function ARN configured and you
      // didn't include such an ARN as a parameter in this call."
      throw new ServiceError(
        'InvalidRequestException',
        'No Lambda rotation function ARN is associated with this secret.',
      );
    }
    const pending = holderOf(secret, AWSPENDING);
    // "If the AWSPENDING staging label is present but not attached to the same version as AWSCURRENT, then any later
    // invocation of RotateSecret assumes that a previous rotation request is still in progress and returns an error."
    if (pending !== undefined && !pending.labels.has(AWSCURRENT)) {
      throw new ServiceError(
        'InvalidRequestException',
        "A previous rotation isn't complete. That rotation will be reattempted.",
      );
    }
    const reply = { ARN: secret.arn, Name: secret.name, VersionId: token };
    // The token "helps ensure idempotency": an existing version is not made again.
    if (secret.versions.has(token)) return reply;
    secret.rotationLambdaArn = lambdaArn;
    // The version is announced before the function runs and is empty until the function puts a value (API_DescribeSecret).
    const version = this.addFreshVersion(secret, token, this.now());
    moveLabel(secret, AWSPENDING, version);
    this.changed(region, secret, false);
    // "If you set RotateImmediately to false, Secrets Manager tests the rotation configuration by running the testSecret
    // step of the Lambda rotation function. This test creates an AWSPENDING version of the secret and then removes it."
    this.startRotation(region, secret, version, request['RotateImmediately'] === false);
    return reply;
  }

  private startRotation(region: string, secret: Secret, version: SecretVersion, isTrial: boolean): void {
    this.rotations.start({
      lambdaArn: secret.rotationLambdaArn ?? '',
      secretArn: secret.arn,
      token: version.id,
      isTrial,
      ended: (succeeded) => {
        if (isTrial) secret.versions.delete(version.id);
        else if (succeeded) this.rotated(secret, version);
        this.changed(region, secret, false);
      },
    });
  }

  private rotated(secret: Secret, version: SecretVersion): void {
    secret.rotatedAt = this.now();
    if (this.pendingAfterRotation === 'removed' && version.labels.has(AWSCURRENT)) version.labels.delete(AWSPENDING);
  }

  private addFreshVersion(secret: Secret, token: string, now: number): SecretVersion {
    makeRoomForVersion(secret, now);
    return addVersion(secret, token, undefined, now);
  }

  private addReplicas(
    region: string,
    secret: Secret,
    wanted: unknown,
  ): { Region: string; Status: ReplicationStatus }[] {
    for (const replica of Array.isArray(wanted) ? (wanted as { Region?: unknown }[]) : []) {
      const to = String(replica.Region);
      if (to === region) {
        throw new ServiceError('InvalidParameterException', `Invalid replica region: ${to} has the primary secret.`);
      }
      if (!this.replication.hasReplica(secret, to)) this.replication.addReplica(secret, region, to);
    }
    return this.replication.statusOf(secret);
  }

  private changed(region: string, secret: Secret, movedLabel: boolean): void {
    secret.changedAt = this.now();
    this.replication.primaryChanged(secret, region, movedLabel);
  }

  /** By name, ARN, or ARN without the last hyphen and six characters. An ARN names its own region only. */
  private find(region: string, secretId: string): Secret {
    for (const secret of this.secretsIn(region).values()) {
      if ([secret.name, secret.arn, secret.arn.slice(0, -7)].includes(secretId)) return secret;
    }
    throw new ServiceError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
  }

  /**
   * "A replica secret can't be updated independently from its primary secret, except for its encryption key"
   * (https://docs.aws.amazon.com/secretsmanager/latest/userguide/standalone-secret.html). The exception and its text are
   * those of https://github.com/gruntwork-io/cloud-nuke/issues/435.
   */
  private findPrimary(region: string, secretId: string): Secret {
    const secret = this.find(region, secretId);
    if (secret.primaryRegion !== undefined) {
      throw new ServiceError(
        'InvalidParameterException',
        "Operation not permitted on a replica secret. Call must be made in primary secret's region.",
      );
    }
    return secret;
  }

  private secretsIn(region: string): Map<string, Secret> {
    let secrets = this.regions.get(region);
    if (secrets === undefined) this.regions.set(region, (secrets = new Map<string, Secret>()));
    return secrets;
  }
}

const putReply = (secret: Secret, version: SecretVersion): Reply => ({
  ARN: secret.arn,
  Name: secret.name,
  VersionId: version.id,
  VersionStages: [...version.labels],
});
