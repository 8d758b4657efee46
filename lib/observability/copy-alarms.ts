import { Duration } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { Copy, ResourceNames } from '../resource-names';
import { AlarmGroup } from './alarm-group';
import { copyMetric } from './copy-metric';

const QUARTER = Duration.minutes(15);
/** S3 copies most objects within minutes, and promises no time. */
const LATE_S = Duration.hours(2).toSeconds();

/** Alarms of one copy, where it is. */
export class CopyAlarms extends AlarmGroup {
  constructor(scope: Construct, id: string, props: { names: ResourceNames; topic: ITopic; copy: Copy }) {
    super(scope, id, props);
    const { names, copy } = props;
    this.raise(`copy-late-${copy.from}`, {
      meaning: `The copy of the log of ${copy.from} is more than two hours behind.`,
      metric: copyMetric(names, copy, {
        metricName: 'ReplicationLatency',
        statistic: Stats.MAXIMUM,
        period: QUARTER,
        expression: 'MAX([FILL(m0, 0), FILL(m1, 0)])',
      }),
      above: LATE_S,
    });
  }
}
