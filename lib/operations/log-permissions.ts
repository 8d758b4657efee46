import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { LogConfiguration } from '../log-configuration';
import { ARCHIVED, CHECKPOINT, LOGGED, RECONCILED } from '../data/evidence-paths';
import { allow } from './allow';
import type { PermissionProps } from './permission-props';

/** Every action that writes or deletes an item, or has the table do so. */
const CHANGES_ITEMS = [
  ...['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'PartiQLInsert', 'PartiQLUpdate', 'PartiQLDelete'],
  ...['UpdateTimeToLive', 'UpdateTable', 'DeleteTable'],
].map((action) => `dynamodb:${action}`);

/**
 * Permissions of archive-events: reads the audit table's stream and puts objects into the archive. Lambda puts what could not be
 * archived with this role, too, and lists that bucket first (Lambda Developer Guide, "Retain discarded records for a DynamoDB event
 * source"). The rest is the reconciliation's: it reads the table by day, finds the providers that have events, asks the log's index, and
 * looks whether other regions publish theirs; it signs nothing and writes no log.
 */
export const archiveEvents = ({ deployment, names, region }: PermissionProps): readonly PolicyStatement[] => {
  const [archive, log, failed] = (['archive', 'log', 'failed-batches'] as const).map((purpose) =>
    names.bucketArn(purpose, region),
  ) as [string, string, string];
  const queue = names.queueArn('reconciliation', region);
  return [
    allow(
      ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:ListStreams'],
      [`${names.tableArn('audit', region)}/stream/*`],
    ),
    allow(['s3:PutObject'], [`${archive}/${ARCHIVED}`, `${archive}/${RECONCILED}`, `${failed}/*`]),
    allow(['dynamodb:Query'], [names.tableArn('audit', region)]),
    allow(['dynamodb:Scan'], [names.tableArn('keysets', region)]),
    allow(
      ['s3:GetObject'],
      [
        `${archive}/${RECONCILED}`,
        `${failed}/*`,
        `${log}/index/*`,
        ...deployment.regions.map((each) => `${names.bucketArn('log', each)}/${CHECKPOINT}`),
      ],
    ),
    allow(['s3:ListBucket'], [archive, log, failed]),
    allow(
      [
        'sqs:SendMessage',
        'sqs:ReceiveMessage',
        'sqs:DeleteMessage',
        'sqs:ChangeMessageVisibility',
        'sqs:GetQueueAttributes',
      ],
      [queue],
    ),
  ];
};

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
