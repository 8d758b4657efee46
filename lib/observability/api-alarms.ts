import { Duration, Stack } from 'aws-cdk-lib';
import { KEK_ALARM_DAYS } from '../../lambdas/core/contract/protocol-times';
import { MathExpression, Stats, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { AlarmGroup } from './alarm-group';
import type { Deployment } from '../deployment';
import { keywardMetric, SEEN_HOURLY } from './keyward-metric';
import type { ResourceNames } from '../resource-names';
import type { KeywardRestApi } from '../api/rest-api';

const PERIOD = Duration.minutes(5);
/** Alarms of one region's API. */
export class ApiAlarms extends AlarmGroup {
  constructor(
    scope: Construct,
    id: string,
    props: {
      deployment: Deployment;
      names: ResourceNames;
      api: KeywardRestApi;
      functions: ReadonlyMap<string, IFunction>;
      topic: ITopic;
    },
  ) {
    super(scope, id, props);
    const { deployment, api, functions } = props;
    const { stage } = deployment;
    const source = deployment.kek.provider === 'vault' ? 'Vault' : 'Secrets Manager';
    this.raise('api-errors', {
      meaning: 'The API answers with 5xx.',
      metric: api.metricServerError({ period: PERIOD, statistic: Stats.SUM }),
      above: 5,
    });
    this.raise('function-errors', {
      meaning: 'A function crashed or ran out of time.',
      metric: total(functions, (each) => each.metricErrors({ period: PERIOD })),
      above: 0,
    });
    this.raise('function-throttles', {
      meaning: 'Lambda throttled requests: the concurrency of the account is used up.',
      metric: total(functions, (each) => each.metricThrottles({ period: PERIOD })),
      above: 0,
    });
    this.raise('api-p99', {
      meaning: 'One request in a hundred takes longer than 2 seconds.',
      metric: api.metricLatency({ period: PERIOD, statistic: Stats.percentile(99) }),
      above: 2000,
      periods: 3,
    });
    this.raise('failed-decrypts', {
      meaning: 'Many tokens do not open: an attack, or a caller that sends wrong tokens or contexts.',
      metric: keywardMetric('failed_decrypt', stage),
      above: 20,
    });
    this.raise('unauthorized-access', {
      meaning: 'The gateway refused many requests: not signed, not allowed, or blocked by the firewall.',
      metric: api.refusals,
      above: deployment.refusalsIn5Minutes,
    });
    this.raise('audit-failures', {
      meaning: 'The audit log did not store an event: requests were answered with 503.',
      metric: keywardMetric('audit_append_failed', stage),
      above: 0,
    });
    this.raise('kek-age', {
      meaning: 'The newest KEK is older than its interval: the KEK rotation does not run.',
      metric: keywardMetric('kek_age_days', stage, { period: Duration.days(1), statistic: Stats.MAXIMUM }),
      above: deployment.kekRotationIntervalDays + KEK_ALARM_DAYS,
      // In a replica region the KEK may not be read for a day; at home the sweep reports its age every hour.
      orMissing: Stack.of(this).region === deployment.homeRegion,
    });
    // In every region: an emergency is promoted where it was requested.
    this.raise('region-unproved', {
      meaning:
        'A region has not proved for ten minutes that it can unwrap a new DEK, or an emergency went on without it.',
      metric: keywardMetric('region_unproved', stage, { period: SEEN_HOURLY }),
      above: 0,
    });
    this.raise('kek-unavailable', {
      meaning: `${source} returned no usable KEK: no answer, an error, or a damaged value.`,
      metric: keywardMetric('kek_source_failed', stage),
      above: 5,
    });
    this.raise('kek-unusable', {
      meaning: `${source} returned a value that is not a KEK. In a replica region it was probably never replicated.`,
      metric: keywardMetric('kek_unusable', stage),
      above: 0,
    });
    this.raise('keyset-damaged', {
      meaning: 'A keyset does not verify: its record was edited, swapped or mixed with another.',
      metric: keywardMetric('keyset_damaged', stage),
      above: 0,
    });
    this.raise('keysets-unavailable', {
      meaning: 'The keysets table of a region does not answer.',
      metric: keywardMetric('keyset_source_failed', stage),
      above: 5,
    });
    this.raise('keysets-lagging', {
      meaning:
        'The keysets table of a region keeps returning older records than already seen: replication lags or has stopped.',
      metric: keywardMetric('keyset_lagging', stage),
      above: 5,
      periods: 3,
    });
  }
}

const total = (functions: ReadonlyMap<string, IFunction>, metricOf: (each: IFunction) => IMetric): IMetric => {
  const usingMetrics = Object.fromEntries([...functions.values()].map((each, index) => [`m${index}`, metricOf(each)]));
  // A function without a call in a period has no value, which must not remove the others' values.
  const expression = Object.keys(usingMetrics)
    .map((id) => `FILL(${id}, 0)`)
    .join(' + ');
  return new MathExpression({ expression, usingMetrics, period: PERIOD });
};
