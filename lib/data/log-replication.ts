import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledgeWildcard } from '../acknowledge-wildcard';
import { COPIED, type Copy, type ResourceNames } from '../resource-names';
import type { EvidenceBucket } from './evidence-bucket';

/** What S3 reads of an object, with its retention (S3 User Guide, "Setting up permissions for live replication" and "Requirements"). Tags, which no object has, are left out. */
const READS = [
  's3:GetObjectVersionForReplication',
  's3:GetObjectVersionAcl',
  's3:GetObjectRetention',
  's3:GetObjectLegalHold',
];

/**
 * The replication of a region's archive and log to buckets of another region, which exist by then: S3 refuses a destination that does
 * not. S3 copies what is written from then on. What was there before, or could not be copied, is copied by a job of S3 Batch
 * Operations, for which there is a role (S3 User Guide, "Configuring an IAM role for S3 Batch Replication"): it can have objects copied
 * as the replication says, and nothing else.
 */
export class LogReplication extends Construct {
  constructor(
    scope: Construct,
    id: string,
    props: { names: ResourceNames; copy: Copy; buckets: Readonly<Record<(typeof COPIED)[number], EvidenceBucket>> },
  ) {
    super(scope, id);
    const { names, copy, buckets } = props;
    const sources = COPIED.map((purpose) => names.bucketArn(purpose, copy.from));
    const destination = (purpose: (typeof COPIED)[number]): string => `arn:aws:s3:::${names.copyBucket(purpose, copy)}`;
    const objectsOf = (arns: readonly string[]): string[] => arns.map((arn) => `${arn}/*`);
    const copies = COPIED.map(destination);
    const role = new Role(this, 'role', {
      roleName: names.copyRoleName(copy.from),
      assumedBy: new ServicePrincipal('s3.amazonaws.com'),
      inlinePolicies: {
        'copy-log': new PolicyDocument({
          statements: [
            new PolicyStatement({ actions: ['s3:GetReplicationConfiguration', 's3:ListBucket'], resources: sources }),
            new PolicyStatement({ actions: READS, resources: objectsOf(sources) }),
            new PolicyStatement({ actions: ['s3:ReplicateObject'], resources: objectsOf(copies) }),
          ],
        }),
      },
    });
    const olderRole = new Role(this, 'older-role', {
      roleName: names.of(`copy-older-${copy.from}`),
      assumedBy: new ServicePrincipal('batchoperations.s3.amazonaws.com'),
      inlinePolicies: {
        'copy-older': new PolicyDocument({
          statements: [
            new PolicyStatement({
              actions: ['s3:GetReplicationConfiguration', 's3:PutInventoryConfiguration'],
              resources: sources,
            }),
            new PolicyStatement({ actions: ['s3:InitiateReplication'], resources: objectsOf(sources) }),
          ],
        }),
      },
    });
    acknowledgeWildcard(
      role,
      'All objects of the copied buckets and of their copies.',
      ...objectsOf([...sources, ...copies]),
    );
    acknowledgeWildcard(olderRole, 'All objects of the copied buckets.', ...objectsOf(sources));
    for (const purpose of COPIED) buckets[purpose].copyTo(destination(purpose), role.roleArn);
  }
}
