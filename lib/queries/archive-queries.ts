import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { CfnNamedQuery, CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import { ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledgeWildcard } from '../acknowledge-wildcard';
import type { ResourceNames } from '../resource-names';
import { allow } from '../operations/allow';
import { ArchiveTable } from './archive-table';
import { AUDIT_QUERIES } from './audit-queries';

/** Results are copies of personal data that nobody verifies: they are for looking at. */
const RESULT_DAYS = 7;
/** Of one query: half a dollar. Years of a busy region are less if hours are given. */
const MAX_SCANNED_BYTES = 100_000_000_000;

/**
 * Questions to the archive by Amazon Athena: a table, a workgroup with a bucket for results, the saved queries, and a policy that is
 * attached to nobody, with which somebody may ask them and reads nothing else. Nothing of it costs anything until a query runs.
 */
export class ArchiveQueries extends Construct {
  constructor(scope: Construct, id: string, props: { names: ResourceNames; account: string }) {
    super(scope, id);
    const { names, account } = props;
    const { region } = Stack.of(this);
    const { database } = new ArchiveTable(this, 'archive', { names, account, bucket: names.bucket('archive', region) });
    const results = new Bucket(this, 'results', {
      bucketName: names.bucket('query-results', region),
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: [
        {
          id: 'expire',
          expiration: Duration.days(RESULT_DAYS),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
    });
    results.policy?.applyRemovalPolicy(RemovalPolicy.RETAIN);
    Validations.of(results).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'Results of queries, which expire in a week; what was asked is in the history of the workgroup and in CloudTrail.',
    });
    const workGroup = names.of('audit');
    const group = new CfnWorkGroup(this, 'workgroup', {
      name: workGroup,
      description: 'Keyward: questions to the archive of the audit log',
      // With its history, which would keep it from being deleted.
      recursiveDeleteOption: true,
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: true,
        bytesScannedCutoffPerQuery: MAX_SCANNED_BYTES,
        publishCloudWatchMetricsEnabled: false,
        requesterPaysEnabled: false,
        engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
        resultConfiguration: {
          outputLocation: `s3://${results.bucketName}/`,
          expectedBucketOwner: account,
          encryptionConfiguration: { encryptionOption: 'SSE_S3' },
        },
      },
    });
    for (const { name, description, sql } of AUDIT_QUERIES) {
      const query = new CfnNamedQuery(this, name, {
        name: names.of(name),
        description,
        database,
        workGroup,
        queryString: sql,
      });
      query.addResourceDependency(group);
    }
    this.allowToAsk(names, { account, region, database, workGroup });
  }

  private allowToAsk(
    names: ResourceNames,
    of: { readonly account: string; readonly region: string; readonly database: string; readonly workGroup: string },
  ): void {
    const { account, region, database, workGroup } = of;
    const [archive, results] = [names.bucketArn('archive', region), names.bucketArn('query-results', region)];
    const glue = ['catalog', `database/${database}`, `table/${database}/archive`];
    const policy = new ManagedPolicy(this, 'policy', {
      managedPolicyName: names.of(`${region}-audit-queries`),
      description: 'Keyward: asks the archive of the audit log by Athena',
      statements: [
        allow(
          [
            ...['athena:GetWorkGroup', 'athena:ListNamedQueries', 'athena:GetNamedQuery', 'athena:BatchGetNamedQuery'],
            ...['athena:StartQueryExecution', 'athena:StopQueryExecution', 'athena:GetQueryExecution'],
            ...['athena:GetQueryResults', 'athena:ListQueryExecutions', 'athena:BatchGetQueryExecution'],
          ],
          [`arn:aws:athena:${region}:${account}:workgroup/${workGroup}`],
        ),
        allow(
          ['glue:GetDatabase', 'glue:GetTable', 'glue:GetPartition', 'glue:GetPartitions'],
          glue.map((each) => `arn:aws:glue:${region}:${account}:${each}`),
        ),
        allow(['s3:GetBucketLocation', 's3:ListBucket'], [archive, results]),
        allow(['s3:GetObject'], [`${archive}/*`]),
        allow(
          ['s3:GetObject', 's3:PutObject', 's3:ListMultipartUploadParts', 's3:AbortMultipartUpload'],
          [`${results}/*`],
        ),
        allow(['s3:ListBucketMultipartUploads'], [results]),
      ],
    });
    acknowledgeWildcard(policy, 'All objects of the archive, and of the results.', `${archive}/*`, `${results}/*`);
  }
}
