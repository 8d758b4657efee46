import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { LogConfiguration } from '../log-configuration';
import { ARCHIVED, LOGGED } from '../data/evidence-paths';
import { allow } from './allow';
import type { PermissionProps } from './permission-props';

/** Every action that writes or deletes an item, or has the table do so. */
const CHANGES_ITEMS = [
  ...['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'PartiQLInsert', 'PartiQLUpdate', 'PartiQLDelete'],
  ...['UpdateTimeToLive', 'UpdateTable', 'DeleteTable'],
].map((action) => `dynamodb:${action}`);

/**
 * Permissions of archive-events: reads the audit table's stream and puts objects into the archive, and reads nothing there. Lambda puts
 * what could not be archived with this role, too, and lists that bucket first (Lambda Developer Guide, "Retain discarded records for a
 * DynamoDB event source").
 */
export const archiveEvents = ({ names, region }: PermissionProps): readonly PolicyStatement[] => [
  allow(
    ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:ListStreams'],
    [`${names.tableArn('audit', region)}/stream/*`],
  ),
  allow(['s3:PutObject'], [`${names.bucketArn('archive', region)}/${ARCHIVED}`]),
  allow(['s3:PutObject'], [`${names.bucketArn('failed-batches', region)}/*`]),
  allow(['s3:ListBucket'], [names.bucketArn('failed-batches', region)]),
];

/**
 * Permissions of publish-checkpoint: reads the archive, writes the log, and signs. It is denied to write an event, so that nobody who
 * has it sign adds one. A conditional write needs `s3:GetObject` (S3 User Guide, "Conditional writes"); without `s3:ListBucket` a
 * missing object looks like a denied one.
 */
export function publishCheckpoint(props: PermissionProps): readonly PolicyStatement[] {
  const { deployment, names, region } = props;
  const log = names.bucketArn('log', region);
  const witness = deployment.log?.witness;
  return [
    ...readBuckets(props, [region]),
    allow(
      ['s3:PutObject'],
      LOGGED.map((path) => `${log}/${path}`),
    ),
    ...(witness === undefined ? [] : [allow(['s3:PutObject'], [witnessed(witness, props)])]),
    new PolicyStatement({
      sid: 'WritesNoEvent',
      effect: Effect.DENY,
      actions: CHANGES_ITEMS,
      resources: deployment.regions.map((each) => names.tableArn('audit', each)),
    }),
  ];
}

/** Permissions of the function audit: reads the log of every region, and has it published. */
export const readLogs = (props: PermissionProps): readonly PolicyStatement[] => {
  const { deployment, names, region } = props;
  return [
    ...readBuckets(props, deployment.regions),
    allow(['dynamodb:GetItem'], [names.tableArn('audit', region)]),
    allow(
      ['lambda:InvokeFunction'],
      deployment.regions.map((each) => names.functionArn('publish-checkpoint', each)),
    ),
  ];
};

function readBuckets({ names }: PermissionProps, regions: readonly string[]): readonly PolicyStatement[] {
  const buckets = regions.flatMap((each) => [names.bucketArn('archive', each), names.bucketArn('log', each)]);
  return [
    allow(
      ['s3:GetObject'],
      buckets.map((bucket) => `${bucket}/*`),
    ),
    allow(['s3:ListBucket'], buckets),
  ];
}

/** Below its own origin: a log cannot put a checkpoint where another log's are. */
const witnessed = (
  { name }: NonNullable<LogConfiguration['witness']>,
  { deployment, region }: PermissionProps,
): string => `arn:aws:s3:::${name}/${deployment.log?.owner ?? ''}/keyward/${deployment.stage}/${region}/*`;
