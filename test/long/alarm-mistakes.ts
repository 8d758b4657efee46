import type { PlantedMistake } from './planted-mistake';

const ROWS = ['test/infra/observability/alarm-rows.test.ts'];
const WIRING = ['test/integration/wiring.test.ts'];

/** An alarm that watches something else than it says, or is raised elsewhere. */
export const ALARM_MISTAKES: readonly PlantedMistake[] = [
  {
    name: 'the limit of the latency is in seconds',
    file: 'lib/observability/api-alarms.ts',
    right: 'above: 2000,',
    wrong: 'above: 2,',
    tests: ROWS,
  },
  {
    name: 'the limit of the replication is in seconds',
    file: 'lib/observability/operations-alarms.ts',
    right: 'above: 60_000,',
    wrong: 'above: 60,',
    tests: ROWS,
  },
  {
    name: "the sweep's dead letters are those of the rewrap",
    file: 'lib/observability/operations-alarms.ts',
    right: 'metric: dead(sweepSchedule.deadLetters),',
    wrong: 'metric: dead(deadLetters),',
    tests: ROWS,
  },
  {
    name: 'the queue is watched, not its dead letters',
    file: 'lib/stacks/operations-stack.ts',
    right: 'rewrapDlq: rewrap.deadLetters,',
    wrong: 'rewrapDlq: rewrap.queue,',
    tests: ROWS,
  },
  {
    name: "rewrap-errors counts the rotation's errors",
    file: 'lib/observability/operations-alarms.ts',
    right: 'metric: props.rewrapDeks.metricErrors({ period: PERIOD }),',
    wrong: 'metric: props.rotateKek.metricErrors({ period: PERIOD }),',
    tests: ROWS,
  },
  {
    name: 'the average of dead letters',
    file: 'lib/observability/operations-alarms.ts',
    right: 'queue.metricApproximateNumberOfMessagesVisible({ period: PERIOD, statistic: Stats.MAXIMUM })',
    wrong: 'queue.metricApproximateNumberOfMessagesVisible({ period: PERIOD, statistic: Stats.AVERAGE })',
    tests: ROWS,
  },
  {
    name: 'replication is watched as it arrives at home',
    file: 'lib/observability/operations-alarms.ts',
    right: 'ReceivingRegion: region }',
    wrong: 'ReceivingRegion: deployment.homeRegion }',
    tests: ROWS,
  },
  {
    name: 'ages are summed over the period',
    file: 'lib/observability/operations-alarms.ts',
    right: "metric: hourly('dek_rotation_age_hours', Stats.MAXIMUM),",
    wrong: "metric: hourly('dek_rotation_age_hours'),",
    tests: ROWS,
  },
  {
    name: 'a lagging table is an alarm at once',
    file: 'lib/observability/api-alarms.ts',
    right: "metric: keywardMetric('keyset_lagging', stage),\n      above: 5,\n      periods: 3,",
    wrong: "metric: keywardMetric('keyset_lagging', stage),\n      above: 5,",
    tests: ROWS,
  },
  {
    name: 'the proving function is not watched',
    file: 'lib/stacks/api-stack.ts',
    right: '      api,\n      functions: watched,\n      topic,',
    wrong: '      api,\n      functions,\n      topic,',
    tests: ROWS,
  },
  {
    name: 'the functions write under another dimension',
    file: 'lambdas/adapters/aws/observability/embedded-metrics.ts',
    right: "Dimensions: [['service']]",
    wrong: "Dimensions: [['service', 'part']]",
    tests: WIRING,
  },
  {
    name: 'a rotation is as old in minutes',
    file: 'lambdas/core/dek-rotation/sweep.ts',
    right: 'Date.parse(record.rotation.started_at)) / HOUR_MS',
    wrong: 'Date.parse(record.rotation.started_at)) / 60_000',
    tests: WIRING,
  },
];
