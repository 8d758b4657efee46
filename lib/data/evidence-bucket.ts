import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectLockRetention, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { LogFunction } from '../../lambdas/core/contract/functions';
import type { Deployment } from '../deployment';
import type { LogConfiguration } from '../log-configuration';
import { executionRoleName } from '../operations/execution-role';
import type { BucketPurpose, ResourceNames } from '../resource-names';

export interface EvidenceBucketProps {
  readonly deployment: Deployment;
  readonly names: ResourceNames;
  readonly purpose: BucketPurpose;
  /** The only function that puts objects. */
  readonly writer: LogFunction;
  /** Below which paths it puts them: keys, or prefixes that end with an asterisk. */
  readonly paths: readonly string[];
  /** Retention of each object from its writing on; left out: none. */
  readonly lock?: Pick<LogConfiguration, 'lockMode' | 'lockDays'>;
  /** Whether an object is put only where there is none. */
  readonly onlyNew?: boolean;
  /** Days after which S3 deletes objects; left out: never. */
  readonly expireDays?: number;
}

/** Deletes objects, or ends what keeps them from being deleted. `PutObjectRetention` also locks for longer than anybody wants. */
const DELETES = [
  's3:DeleteObject',
  's3:DeleteObjectVersion',
  's3:BypassGovernanceRetention',
  's3:PutObjectRetention',
  's3:DeleteBucket',
  // A replication into this bucket writes and deletes, too.
  's3:ReplicateObject',
  's3:ReplicateDelete',
];

/** Has S3 itself delete, overwrite or copy objects, now or later. */
const CONFIGURES = [
  's3:PutLifecycleConfiguration',
  's3:PutBucketVersioning',
  's3:PutBucketObjectLockConfiguration',
  's3:PutReplicationConfiguration',
  's3:PutEncryptionConfiguration',
  's3:PutBucketOwnershipControls',
  's3:PutBucketPublicAccessBlock',
];

/**
 * A bucket of a region's log, always retained: versioned, encrypted by S3, reachable by TLS alone, and never public. Its policy denies,
 * whatever other policies allow: deleting to everybody, putting to everybody but one function, and configuring to everybody but
 * CloudFormation. It grants nothing. Roles are named in a condition, because a principal must exist.
 *
 * Changing the policy itself is left to the account's own policies, so that a deployment can still manage it: whoever may, is an
 * administrator of the account, and raises the alarm `changed-by-hand`. What a lock in compliance mode keeps, not even they delete.
 */
export class EvidenceBucket extends Bucket {
  constructor(scope: Construct, id: string, props: EvidenceBucketProps) {
    const { deployment, names, purpose, lock, expireDays } = props;
    const { region } = Stack.of(scope);
    super(scope, id, {
      bucketName: names.bucket(purpose, region),
      versioned: true,
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: RemovalPolicy.RETAIN,
      ...(lock !== undefined && { objectLockEnabled: true, objectLockDefaultRetention: retention(lock) }),
      ...(expireDays !== undefined && {
        lifecycleRules: [
          {
            id: 'expire',
            expiration: Duration.days(expireDays),
            noncurrentVersionExpiration: Duration.days(1),
            abortIncompleteMultipartUploadAfter: Duration.days(1),
          },
        ],
      }),
    });
    const all = [this.bucketArn, this.arnForObjects('*')];
    const writer = names.functionRoleArn(props.writer, region);
    const execution = names.roleArn(executionRoleName(this, deployment.account, region));
    this.deny({ sid: 'NobodyDeletes', actions: DELETES, resources: all });
    this.deny({ sid: 'OnlyItsFunctionPuts', actions: ['s3:PutObject'], resources: all, but: writer });
    this.deny({ sid: 'OnlyDeploymentsConfigure', actions: CONFIGURES, resources: [this.bucketArn], but: execution });
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: 'NothingElsewhere',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['s3:PutObject'],
        notResources: props.paths.map((path) => this.arnForObjects(path)),
      }),
    );
    if (props.onlyNew === true) {
      // A request of a multipart upload has no such header, and is denied, too (S3 User Guide, "Enforce conditional writes").
      const conditions = { Null: { 's3:if-none-match': 'true' } };
      this.deny({ sid: 'NothingIsOverwritten', actions: ['s3:PutObject'], resources: all, conditions });
    }
    // It stays in force as long as the bucket does.
    this.policy?.applyRemovalPolicy(RemovalPolicy.RETAIN);
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'Access logs of S3 are best effort, and would need a bucket of their own. CloudTrail records data events where it is told to.',
    });
  }

  private deny(what: {
    readonly sid: string;
    readonly actions: readonly string[];
    readonly resources: readonly string[];
    /** The role that is not denied. */
    readonly but?: string;
    readonly conditions?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  }): void {
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: what.sid,
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: [...what.actions],
        resources: [...what.resources],
        conditions: {
          ...(what.but !== undefined && { ArnNotEquals: { 'aws:PrincipalArn': what.but } }),
          ...what.conditions,
        },
      }),
    );
  }
}

const retention = ({ lockMode, lockDays }: Pick<LogConfiguration, 'lockMode' | 'lockDays'>): ObjectLockRetention =>
  lockMode === 'compliance'
    ? ObjectLockRetention.compliance(Duration.days(lockDays))
    : ObjectLockRetention.governance(Duration.days(lockDays));
