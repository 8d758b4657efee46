import { accessLogGroup, deployedName, functionLogGroup } from '../lambdas/core/contract/deployed-names';
import type { FunctionName } from '../lambdas/core/contract/functions';
import { BY_KEY_VERSION, type TableName } from '../lambdas/core/contract/tables';
import type { Deployment } from './deployment';
import { regionCode } from './region-code';

/** The queues of functions; each has a dead-letter queue. */
export type QueueName = 'rewrap' | 'dek-rotation' | 'reconciliation';

/** What a key encrypts. Each purpose has its own key in each region. */
export type KeyPurpose = 'secret' | 'tables' | 'logs' | 'messages';

/** What signs a region's log: its checkpoints, and the times at which they were the newest. */
export type SigningPurpose = 'log' | 'cosigner';

/** The buckets of a region's log: archived events, the log itself, batches that could not be archived, and results of queries. */
export type BucketPurpose = 'archive' | 'log' | 'failed-batches' | 'query-results';

/** The buckets of which another region has a copy. */
export const COPIED = ['archive', 'log'] as const satisfies readonly BucketPurpose[];

/** Whose log is copied, and where the copy is. */
export interface Copy {
  readonly from: string;
  readonly to: string;
}

/**
 * Names and ARNs that are known before their resources exist: with them one region's stacks refer to another's without reading
 * there.
 */
export class ResourceNames {
  constructor(private readonly deployment: Pick<Deployment, 'stage' | 'account'>) {}

  /** A name of this deployment. */
  of(name: string): string {
    return deployedName(this.deployment.stage, name);
  }

  get kekSecret(): string {
    return `${this.deployment.stage}/kek`;
  }

  /** Secrets Manager appends six characters to a secret's name, the same ones to its replicas. */
  kekSecretArn(region: string): string {
    return this.secretArn(this.kekSecret, region);
  }

  /**
   * ARN of a secret that somebody else made.
   *
   * @param secret its ARN, or its name: then it is the one in this region
   */
  secretArn(secret: string, region: string): string {
    return secret.startsWith('arn:') ? secret : this.arn('secretsmanager', region, `secret:${secret}-??????`);
  }

  tableArn(table: TableName, region: string): string {
    return this.arn('dynamodb', region, `table/${this.of(table)}`);
  }

  /** ARN of the credentials table's index. */
  byKeyVersionIndexArn(region: string): string {
    return `${this.tableArn('credentials', region)}/index/${BY_KEY_VERSION}`;
  }

  keyAlias(purpose: KeyPurpose): string {
    return `alias/${this.of(purpose)}`;
  }

  keyAliasArn(purpose: KeyPurpose, region: string): string {
    return this.arn('kms', region, this.keyAlias(purpose));
  }

  /** The first keys of a log have no number. */
  signingKeyAlias(purpose: SigningPurpose, number = 1): string {
    return `alias/${this.of(`signing-${purpose}${number === 1 ? '' : `-${number}`}`)}`;
  }

  /** A bucket without its region: names of buckets are unique among all accounts, so they have the account in them. */
  bucketBeforeRegion(purpose: BucketPurpose): string {
    return this.of(`${purpose}-${this.deployment.account}`);
  }

  bucket(purpose: BucketPurpose, region: string): string {
    return `${this.bucketBeforeRegion(purpose)}-${region}`;
  }

  bucketArn(purpose: BucketPurpose, region: string): string {
    return `arn:aws:s3:::${this.bucket(purpose, region)}`;
  }

  /** Has both regions, so that a copy elsewhere is another bucket; in short, because names of buckets have at most 63 characters. */
  copyBucket(purpose: (typeof COPIED)[number], { from, to }: Copy): string {
    return this.of(`${purpose}-copy-${this.deployment.account}-${regionCode(from)}-in-${regionCode(to)}`);
  }

  /** Role with which S3 copies the log of a region. */
  copyRoleName(region: string): string {
    return this.of(`copy-log-${region}`);
  }

  functionArn(name: FunctionName, region: string): string {
    return this.arn('lambda', region, `function:${this.of(name)}`);
  }

  queueArn(name: QueueName, region: string): string {
    return this.arn('sqs', region, this.of(name));
  }

  /** The queue of deliveries of the access log that could not be recorded. */
  get failedRefusalsQueue(): string {
    return this.of('refusals-failed');
  }

  failedRefusalsQueueArn(region: string): string {
    return this.arn('sqs', region, this.failedRefusalsQueue);
  }

  accessLogGroupArn(region: string): string {
    return this.arn('logs', region, `log-group:${this.accessLogGroup}:*`);
  }

  /** The dead-letter queue of a queue. */
  deadLetterQueue(name: QueueName): string {
    return this.of(`${name}-dlq`);
  }

  queueUrl(name: QueueName, region: string): string {
    return `https://sqs.${region}.amazonaws.com/${this.deployment.account}/${this.of(name)}`;
  }

  /** Log group of a function, or a pattern of log groups. */
  logGroup(name: string): string {
    return functionLogGroup(this.deployment.stage, name);
  }

  logStreamsArn(logGroup: string, region: string): string {
    return this.arn('logs', region, `log-group:${logGroup}:*`);
  }

  /** All log groups of this deployment. */
  logGroupArns(region: string): readonly string[] {
    return [
      this.arn('logs', region, `log-group:${this.logGroup('*')}`),
      this.arn('logs', region, `log-group:${this.accessLogGroup}`),
    ];
  }

  alarmTopicArn(region: string): string {
    return this.arn('sns', region, this.of('alarms'));
  }

  get accessLogGroup(): string {
    return accessLogGroup(this.deployment.stage);
  }

  roleName(name: FunctionName, region: string): string {
    return this.of(`${name}-${region}`);
  }

  roleArn(roleName: string): string {
    return `arn:aws:iam::${this.deployment.account}:role/${roleName}`;
  }

  functionRoleArn(name: FunctionName, region: string): string {
    return this.roleArn(this.roleName(name, region));
  }

  /** Name of the role with which EventBridge Scheduler starts the KEK rotation. */
  kekRotationScheduleRoleName(region: string): string {
    return this.of(`rotation-schedule-${region}`);
  }

  private arn(service: string, region: string, resource: string): string {
    return `arn:aws:${service}:${region}:${this.deployment.account}:${resource}`;
  }
}
