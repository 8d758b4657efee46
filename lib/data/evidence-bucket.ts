import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CfnBucket,
  ObjectLockRetention,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Deployment } from '../deployment';
import type { LogConfiguration } from '../log-configuration';
import { executionRoleName } from '../operations/execution-role';
import type { ResourceNames } from '../resource-names';

export interface EvidenceBucketProps {
  readonly deployment: Deployment;
  readonly names: ResourceNames;
  readonly bucketName: string;
  /** ARN of the only role that puts objects, or of that with which S3 copies them from another bucket. */
  readonly filledBy: { readonly writer: string } | { readonly replication: string };
  /** Below which paths they are: keys, or prefixes that end with an asterisk. */
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
  's3:ReplicateDelete',
];

/** Writes objects: by a request, or by S3's replication into the bucket. */
const PUTS = 's3:PutObject';
const COPIES = 's3:ReplicateObject';

/** The only rule of a replication. */
export const COPY_RULE = 'copy';

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
 * whatever other policies allow: deleting to everybody, putting to everybody but one function, or but the replication whose copy it is,
 * and configuring to everybody but CloudFormation. It grants nothing. Roles are named in a condition, because a principal must exist.
 *
 * Changing the policy itself is left to the account's own policies, so that a deployment can still manage it: whoever may, is an
 * administrator of the account, and raises the alarm `changed-by-hand`. What a lock in compliance mode keeps, not even they delete.
 */
export class EvidenceBucket extends Bucket {
  constructor(scope: Construct, id: string, props: EvidenceBucketProps) {
    const { deployment, names, bucketName, filledBy, lock, expireDays } = props;
    const { region } = Stack.of(scope);
    super(scope, id, {
      bucketName,
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
    const execution = names.roleArn(executionRoleName(this, deployment.account, region));
    if ('writer' in filledBy) {
      this.deny({ sid: 'NobodyDeletes', actions: [...DELETES, COPIES], resources: all });
      this.deny({ sid: 'OnlyItsFunctionPuts', actions: [PUTS], resources: all, but: filledBy.writer });
    } else {
      this.deny({ sid: 'NobodyDeletes', actions: [...DELETES, PUTS], resources: all });
      this.deny({ sid: 'OnlyTheReplicationCopies', actions: [COPIES], resources: all, but: filledBy.replication });
    }
    this.deny({ sid: 'OnlyDeploymentsConfigure', actions: CONFIGURES, resources: [this.bucketArn], but: execution });
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: 'NothingElsewhere',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['writer' in filledBy ? PUTS : COPIES],
        notResources: props.paths.map((path) => this.arnForObjects(path)),
      }),
    );
    if (props.onlyNew === true) {
      // A request of a multipart upload has no such header, and is denied, too (S3 User Guide, "Enforce conditional writes").
      const conditions = { Null: { 's3:if-none-match': 'true' } };
      this.deny({ sid: 'NothingIsOverwritten', actions: [PUTS], resources: all, conditions });
    }
    // It stays in force as long as the bucket does.
    this.policy?.applyRemovalPolicy(RemovalPolicy.RETAIN);
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'Access logs of S3 are best effort, and would need a bucket of their own. CloudTrail records data events where it is told to.',
    });
  }

  /**
   * Has S3 copy every object that is written from now on, with its retention (S3 User Guide, "What does Amazon S3 replicate?"). That
   * an object was deleted is not copied.
   *
   * @param roleArn of the role with which S3 reads here and writes there
   */
  copyTo(destinationArn: string, roleArn: string): void {
    const bucket = this.node.defaultChild as CfnBucket;
    bucket.replicationConfiguration = {
      role: roleArn,
      rules: [
        {
          id: COPY_RULE,
          status: 'Enabled',
          priority: 1,
          filter: { prefix: '' },
          deleteMarkerReplication: { status: 'Disabled' },
          destination: { bucket: destinationArn, metrics: { status: 'Enabled' } },
        },
      ],
    };
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
