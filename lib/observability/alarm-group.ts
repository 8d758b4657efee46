import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { ResourceNames } from '../resource-names';

export interface AlarmOptions {
  /** What the alarm means; docs/operations.md says what to do. */
  readonly meaning: string;
  readonly metric: IMetric;
  /** Number of consecutive periods; default 1. */
  readonly periods?: number;
  /** Whether missing data also raises it. */
  readonly orMissing?: boolean;
}

/** Raised above or below a value. */
type Threshold = { readonly above: number } | { readonly below: number };

/** Alarms that notify one topic, once when they are raised and once when they are over. */
export class AlarmGroup extends Construct {
  readonly all: Alarm[] = [];

  constructor(
    scope: Construct,
    id: string,
    private readonly deps: { readonly names: ResourceNames; readonly topic: ITopic },
  ) {
    super(scope, id);
  }

  /** @param name the alarm's name without the stage, also its id */
  protected raise(
    name: string,
    { meaning, metric, periods = 1, orMissing = false, ...deps }: AlarmOptions & Threshold,
  ): void {
    const alarm = new Alarm(this, name, {
      alarmName: this.deps.names.of(name),
      alarmDescription: `${meaning} What to do: docs/operations.md, "${name}".`,
      metric,
      ...('above' in deps
        ? { threshold: deps.above, comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD }
        : { threshold: deps.below, comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD }),
      evaluationPeriods: periods,
      treatMissingData: orMissing ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    });
    const action = new SnsAction(this.deps.topic);
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
    this.all.push(alarm);
  }
}
