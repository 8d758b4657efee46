import { Stack, type StackProps } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { LogFunction } from '../../lambdas/core/contract/functions';
import { copyOf } from '../copy-of';
import { EvidenceBucket } from '../data/evidence-bucket';
import { ARCHIVED, LOGGED, RECONCILED } from '../data/evidence-paths';
import { LogReplication } from '../data/log-replication';
import { SigningKey } from '../data/signing-key';
import type { Deployment } from '../deployment';
import type { LogConfiguration } from '../log-configuration';
import { changedLog } from '../observability/change-patterns';
import { changeRule } from '../observability/change-rule';
import { LogAlarms } from '../observability/log-alarms';
import { Archiving } from '../operations/archiving';
import { executionRoleName } from '../operations/execution-role';
import { Publishing } from '../operations/publishing';
import { Reconciliation } from '../operations/reconciliation';
import { ArchiveQueries } from '../queries/archive-queries';
import type { BucketPurpose, ResourceNames, SigningPurpose } from '../resource-names';
import type { KmsStack } from './kms-stack';

export interface LogStackProps extends StackProps {
  readonly deployment: Deployment;
  readonly log: LogConfiguration;
  readonly names: ResourceNames;
  readonly keys: KmsStack;
}

/**
 * One region's transparency log: the archive of its events, the log with its signing keys, and the two functions that write them. A
 * stack of each region, because a stack makes resources of its own region alone, and the stream of a replica can be asked for only
 * there; and of its own, because the API's stack may be deleted, and this one may not: its buckets and keys cannot be made again. Ids
 * are frozen, as those of the data stack.
 */
export class LogStack extends Stack {
  constructor(scope: Construct, id: string, { deployment, log, names, keys, ...props }: LogStackProps) {
    super(scope, id, { ...props, terminationProtection: true });
    const common = { deployment, names };
    const copy = copyOf(deployment, this.region);
    const bucketOf = (purpose: BucketPurpose, writer: LogFunction) => ({
      ...common,
      bucketName: names.bucket(purpose, this.region),
      filledBy: { writer: names.functionRoleArn(writer, this.region) },
    });
    const archive = new EvidenceBucket(this, 'archive', {
      ...bucketOf('archive', 'archive-events'),
      paths: [ARCHIVED, RECONCILED],
      lock: log,
      onlyNew: true,
    });
    const ofLog = new EvidenceBucket(this, 'log', { ...bucketOf('log', 'publish-checkpoint'), paths: LOGGED });
    if (copy !== undefined) new LogReplication(this, 'replication', { names, copy, buckets: { archive, log: ofLog } });
    const failedBatches = new EvidenceBucket(this, 'failed-batches', {
      ...bucketOf('failed-batches', 'archive-events'),
      paths: ['*'],
      expireDays: deployment.auditRetentionDays,
    });
    new ArchiveQueries(this, 'queries', { names, account: deployment.account });
    const numbers = Array.from({ length: log.keys }, (_, at) => at + 1);
    const signing = (purpose: SigningPurpose, what: string): readonly SigningKey[] =>
      numbers.map((number) => {
        const name = number === 1 ? `signing-${purpose}` : `signing-${purpose}-${number}`;
        return new SigningKey(this, name, { names, purpose, what, number });
      });
    const logKeys = signing('log', 'signs checkpoints');
    const cosignerKeys = signing('cosigner', 'says when a checkpoint was the newest');
    const archiving = new Archiving(this, 'archiving', { ...common, logsKey: keys.logs, failedBatches });
    const publishing = new Publishing(this, 'publishing', {
      ...common,
      logsKey: keys.logs,
      messagesKey: keys.messages,
      logKeys,
      cosignerKeys,
    });
    const reconciliation = new Reconciliation(this, 'reconciliation', {
      ...common,
      messagesKey: keys.messages,
      archiver: archiving.archiver,
    });
    new LogAlarms(this, 'log-alarms', {
      ...common,
      // By name, not by import: the API's stack may be deleted and made again while this one stays.
      topic: Topic.fromTopicArn(this, 'alarms', names.alarmTopicArn(this.region)),
      archiving,
      reconciliation,
      publishing,
      copy,
    });
    const watched = {
      ...common,
      region: this.region,
      executionRoleName: (each: string) => executionRoleName(this, deployment.account, each),
    };
    const watchedKeys = {
      ids: [...logKeys, ...cosignerKeys].map(({ keyId }) => keyId),
      aliases: (['log', 'cosigner'] as const).flatMap((purpose) =>
        numbers.map((number) => names.signingKeyAlias(purpose, number)),
      ),
    };
    changeRule(this, 'changed-log', { names, pattern: changedLog(watched, watchedKeys) });
  }
}
