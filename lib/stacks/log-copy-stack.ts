import { Stack, type StackProps } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { EvidenceBucket } from '../data/evidence-bucket';
import { ARCHIVED, LOGGED, RECONCILED } from '../data/evidence-paths';
import type { Deployment } from '../deployment';
import type { LogConfiguration } from '../log-configuration';
import { CopyAlarms } from '../observability/copy-alarms';
import type { Copy, ResourceNames } from '../resource-names';

export interface LogCopyStackProps extends StackProps {
  readonly deployment: Deployment;
  readonly log: LogConfiguration;
  readonly names: ResourceNames;
  /** The stack is where the copy is. */
  readonly copy: Copy;
}

/**
 * The copy of one region's archive and log in another region. A stack of each copy, not of each region that has some: so it stays as
 * it is where the region that is copied leaves the deployment, and is found again. Ids are frozen, as those of the data stack.
 */
export class LogCopyStack extends Stack {
  constructor(scope: Construct, id: string, { deployment, log, names, copy, ...props }: LogCopyStackProps) {
    super(scope, id, { ...props, terminationProtection: true });
    const filledBy = { replication: names.roleArn(names.copyRoleName(copy.from)) };
    const common = { deployment, names, filledBy };
    // An object's copy has the object's own retention; this is for one that came without.
    new EvidenceBucket(this, 'archive-copy', {
      ...common,
      bucketName: names.copyBucket('archive', copy),
      paths: [ARCHIVED, RECONCILED],
      lock: log,
    });
    new EvidenceBucket(this, 'log-copy', { ...common, bucketName: names.copyBucket('log', copy), paths: LOGGED });
    new CopyAlarms(this, 'copy-alarms', {
      names,
      topic: Topic.fromTopicArn(this, 'alarms', names.alarmTopicArn(this.region)),
      copy,
    });
  }
}
