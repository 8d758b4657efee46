/** One alarm's metric and threshold: written by hand, so that no change of the code changes it. */
export interface AlarmRow {
  readonly name: string;
  readonly namespace: string;
  readonly metric: string;
  /** Dimensions; for a sum, those of each summand. */
  readonly of: readonly Readonly<Record<string, string>>[];
  readonly statistic: string;
  readonly minutes: number;
  /** In a row. */
  readonly periods: number;
  readonly raised: '>' | '<';
  readonly threshold: number;
  /** The unit of the threshold: that of the metric. */
  readonly unit: string;
  /** The treatment of missing data. */
  readonly missing: 'quiet' | 'raised';
}

/** The inputs of the rows. */
export interface Watched {
  readonly stage: string;
  readonly region: string;
  readonly homeRegion: string;
  readonly replicaRegions: readonly string[];
  readonly kekRotationIntervalDays: number;
  readonly refusalsIn5Minutes: number;
}

type Row = Omit<AlarmRow, 'of' | 'periods' | 'missing'> & Partial<Pick<AlarmRow, 'periods' | 'missing'>>;

const row = (of: AlarmRow['of'], { periods = 1, missing = 'quiet', ...rest }: Row): AlarmRow => ({
  of,
  periods,
  missing,
  ...rest,
});

/** A metric of the functions: its one dimension is the stage (lambdas/adapters/aws/observability/embedded-metrics.ts). */
const own = (
  { stage }: Watched,
  name: string,
  metric: string,
  more: Pick<AlarmRow, 'threshold' | 'unit'> & Partial<AlarmRow>,
): AlarmRow =>
  row([{ service: stage }], { name, namespace: 'Keyward', metric, statistic: 'Sum', minutes: 5, raised: '>', ...more });

/** https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html: counts. */
const ofFunctions = (
  { stage }: Watched,
  name: string,
  metric: string,
  functions: readonly string[],
  more: Partial<AlarmRow> = {},
): AlarmRow =>
  row(
    functions.map((each) => ({ FunctionName: `${stage}-${each}` })),
    {
      name,
      namespace: 'AWS/Lambda',
      metric,
      statistic: 'Sum',
      minutes: 5,
      raised: '>',
      threshold: 0,
      unit: 'calls',
      ...more,
    },
  );

/** A gauge in SQS: its maximum counts, not its sum. */
const ofDeadLetters = ({ stage }: Watched, name: string, queue: string): AlarmRow =>
  row([{ QueueName: `${stage}-${queue}` }], {
    name,
    namespace: 'AWS/SQS',
    metric: 'ApproximateNumberOfMessagesVisible',
    statistic: 'Maximum',
    minutes: 5,
    raised: '>',
    threshold: 0,
    unit: 'messages',
  });

const ofRules = ({ stage }: Watched, name: string, rules: readonly string[]): AlarmRow =>
  row(
    rules.map((each) => ({ RuleName: `${stage}-${each}` })),
    {
      name,
      namespace: 'AWS/Events',
      metric: 'MatchedEvents',
      statistic: 'Sum',
      minutes: 1,
      raised: '>',
      threshold: 0,
      unit: 'events',
    },
  );

const API = ['encrypt', 'decrypt', 'rewrap', 'credentials', 'keys', 'rotations', 'audit', 'health'];
const BESIDE_THE_SWEEP = 120;

/** The alarms of one region's API. */
export const apiRows = (deps: Watched): readonly AlarmRow[] => [
  row([{ ApiName: `${deps.stage}-api` }], {
    name: 'api-errors',
    namespace: 'AWS/ApiGateway',
    metric: '5XXError',
    statistic: 'Sum',
    minutes: 5,
    raised: '>',
    threshold: 5,
    unit: 'answers',
  }),
  ofFunctions(deps, 'function-errors', 'Errors', [...API, 'prove-keyset']),
  ofFunctions(deps, 'function-throttles', 'Throttles', [...API, 'prove-keyset']),
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html: milliseconds.
  row([{ ApiName: `${deps.stage}-api` }], {
    name: 'api-p99',
    namespace: 'AWS/ApiGateway',
    metric: 'Latency',
    statistic: 'p99',
    minutes: 5,
    periods: 3,
    raised: '>',
    threshold: 2000,
    unit: 'ms',
  }),
  own(deps, 'failed-decrypts', 'failed_decrypt', { threshold: 20, unit: 'tokens' }),
  // Counted from the access log: a filter's metric has no dimension, so the stage stands in its namespace.
  row([{}], {
    name: 'unauthorized-access',
    namespace: `Keyward/${deps.stage}`,
    metric: 'unauthorized_access',
    statistic: 'Sum',
    minutes: 5,
    raised: '>',
    threshold: deps.refusalsIn5Minutes,
    unit: 'requests',
  }),
  own(deps, 'audit-failures', 'audit_append_failed', { threshold: 0, unit: 'events' }),
  own(deps, 'kek-age', 'kek_age_days', {
    statistic: 'Maximum',
    minutes: 24 * 60,
    threshold: deps.kekRotationIntervalDays + 7,
    unit: 'days',
    missing: deps.region === deps.homeRegion ? 'raised' : 'quiet',
  }),
  own(deps, 'region-unproved', 'region_unproved', { minutes: BESIDE_THE_SWEEP, threshold: 0, unit: 'looks' }),
  own(deps, 'kek-unavailable', 'kek_source_failed', { threshold: 5, unit: 'reads' }),
  own(deps, 'kek-unusable', 'kek_unusable', { threshold: 0, unit: 'reads' }),
  own(deps, 'keyset-damaged', 'keyset_damaged', { threshold: 0, unit: 'reads' }),
  own(deps, 'keysets-unavailable', 'keyset_source_failed', { threshold: 5, unit: 'reads' }),
  own(deps, 'keysets-lagging', 'keyset_lagging', { threshold: 5, periods: 3, unit: 'reads' }),
  ofRules(deps, 'break-glass', ['break-glass']),
  ofRules(deps, 'changed-by-hand', [
    'changed-keys',
    'changed-secret',
    'read-secret',
    'changed-functions',
    'changed-gateway',
    'changed-tables',
    'changed-evidence',
    // Events of roles are sent to the home region.
    ...(deps.region === deps.homeRegion ? ['changed-roles'] : []),
    'changed-log',
  ]),
];

/** The alarms of the home region's own parts. */
export const operationsRows = (deps: Watched): readonly AlarmRow[] => [
  ofFunctions(deps, 'kek-rotation-errors', 'Errors', ['rotate-kek']),
  own(deps, 'kek-rotation-abandoned', 'kek_rotation_abandoned', { threshold: 0, unit: 'rotations' }),
  ofDeadLetters(deps, 'kek-rotation-not-started', 'rotation-dlq'),
  ofFunctions(deps, 'rewrap-errors', 'Errors', ['rewrap-deks']),
  ofDeadLetters(deps, 'rewrap-dead', 'rewrap-dlq'),
  // An hour in all.
  own(deps, 'replication-kek', 'kek_replica_lagging', { minutes: 15, periods: 4, threshold: 0, unit: 'looks' }),
  // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html: ReplicationLatency is in milliseconds.
  ...deps.replicaRegions.flatMap((region) =>
    ['keysets', 'credentials'].map((table) =>
      row([{ TableName: `${deps.stage}-${table}`, ReceivingRegion: region }], {
        name: `replication-${table}-${region}`,
        namespace: 'AWS/DynamoDB',
        metric: 'ReplicationLatency',
        statistic: 'Average',
        minutes: 5,
        periods: 3,
        raised: '>',
        threshold: 60_000,
        unit: 'ms',
      }),
    ),
  ),
  ofFunctions(deps, 'dek-rotation-worker-errors', 'Errors', ['rotation-worker']),
  ofDeadLetters(deps, 'dek-rotation-worker-dead', 'dek-rotation-dlq'),
  ofFunctions(deps, 'sweep-errors', 'Errors', ['sweep']),
  ofFunctions(deps, 'sweep-missing', 'Invocations', ['sweep'], {
    minutes: 60,
    periods: 3,
    raised: '<',
    threshold: 1,
    missing: 'raised',
  }),
  ofDeadLetters(deps, 'sweep-not-started', 'sweep-dlq'),
  own(deps, 'rekey-failed', 'rekey_failed', { minutes: BESIDE_THE_SWEEP, threshold: 0, unit: 'credentials' }),
  own(deps, 'version-referenced', 'version_referenced', { minutes: BESIDE_THE_SWEEP, threshold: 0, unit: 'versions' }),
  own(deps, 'sweep-part-failed', 'sweep_part_failed', {
    minutes: BESIDE_THE_SWEEP,
    periods: 2,
    threshold: 0,
    unit: 'parts',
  }),
  // The longest interval of a policy, and a week.
  own(deps, 'dek-age', 'dek_age_days', {
    statistic: 'Maximum',
    minutes: BESIDE_THE_SWEEP,
    threshold: 97,
    unit: 'days',
  }),
  own(deps, 'dek-rotation-slow', 'dek_rotation_age_hours', {
    statistic: 'Maximum',
    minutes: BESIDE_THE_SWEEP,
    threshold: 48,
    unit: 'hours',
  }),
  own(deps, 'bootstrap-failed', 'bootstrap_failed', { threshold: 0, unit: 'deployments' }),
];

/** The alarms of one region's transparency log. */
export const logRows = (deps: Watched): readonly AlarmRow[] => [
  own(deps, 'event-tampered', 'event_tampered', { threshold: 0, unit: 'events' }),
  ofFunctions(deps, 'archive-errors', 'Errors', ['archive-events']),
  // An hour in all.
  own(deps, 'archive-failing', 'archive_failed', { minutes: 15, periods: 4, threshold: 0, unit: 'batches' }),
  own(deps, 'event-malformed', 'event_malformed', { threshold: 0, unit: 'events' }),
  // https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html: IteratorAge is in milliseconds; two hours of 24.
  ofFunctions(deps, 'archive-late', 'IteratorAge', ['archive-events'], {
    statistic: 'Maximum',
    threshold: 7_200_000,
    unit: 'ms',
  }),
  own(deps, 'publish-failed', 'publish_failed', { threshold: 0, unit: 'publications' }),
  ofFunctions(deps, 'publish-errors', 'Errors', ['publish-checkpoint']),
  ofFunctions(deps, 'publish-missing', 'Invocations', ['publish-checkpoint'], {
    minutes: 60,
    periods: 3,
    raised: '<',
    threshold: 1,
    missing: 'raised',
  }),
  ofDeadLetters(deps, 'publish-not-started', 'publish-dlq'),
  own(deps, 'event-unlogged', 'event_unlogged', { threshold: 0, unit: 'events' }),
  ...(deps.replicaRegions.length > 0 ? [own(deps, 'log-away', 'log_away', { threshold: 0, unit: 'regions' })] : []),
  own(deps, 'failed-batch-unreadable', 'failed_batch_unreadable', { threshold: 0, unit: 'batches' }),
  ofDeadLetters(deps, 'reconciliation-dead', 'reconciliation-dlq'),
  own(deps, 'reconciliation-missing', 'day_reconciled', {
    minutes: 1440,
    periods: 2,
    raised: '<',
    threshold: 1,
    unit: 'reconciliations',
    missing: 'raised',
  }),
  ofDeadLetters(deps, 'reconciliation-not-started', 'reconciliation-schedule-dlq'),
  own(deps, 'events-unpublished', 'unpublished_age_hours', {
    statistic: 'Maximum',
    minutes: BESIDE_THE_SWEEP,
    threshold: 3,
    unit: 'hours',
  }),
];

/** What another region has of a region's log: archive and log, and the code with which S3's names of copies end. */
export interface Copied {
  readonly from: string;
  readonly to: string;
  readonly end: string;
}

/** Written by hand: whose copy is where. */
export const COPIED: readonly Copied[] = [
  { from: 'us-east-1', to: 'eu-west-1', end: 'use1-in-euw1' },
  { from: 'eu-west-1', to: 'us-east-1', end: 'euw1-in-use1' },
  { from: 'ap-south-1', to: 'us-east-1', end: 'aps1-in-use1' },
];

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html: of a rule of the replication. */
const ofCopies = (stage: string, { from, end }: Copied): AlarmRow['of'] =>
  ['archive', 'log'].map((bucket) => ({
    SourceBucket: `${stage}-${bucket}-111111111111-${from}`,
    DestinationBucket: `${stage}-${bucket}-copy-111111111111-${end}`,
    RuleId: 'copy',
  }));

/** Where the log is: published in the region of the source. */
export const copyFailedRow = (stage: string, copied: Copied): AlarmRow =>
  row(ofCopies(stage, copied), {
    name: 'copy-failed',
    namespace: 'AWS/S3',
    metric: 'OperationsFailedReplication',
    statistic: 'Sum',
    minutes: 5,
    raised: '>',
    threshold: 0,
    unit: 'objects',
  });

/** Where the copy is: https://docs.aws.amazon.com/AmazonS3/latest/userguide/repl-metrics.html: latency is in seconds, in the region of the destination. */
export const copyLateRow = (stage: string, copied: Copied): AlarmRow =>
  row(ofCopies(stage, copied), {
    name: `copy-late-${copied.from}`,
    namespace: 'AWS/S3',
    metric: 'ReplicationLatency',
    statistic: 'Maximum',
    minutes: 15,
    raised: '>',
    threshold: 7200,
    unit: 's',
  });

/** The alarms about one region's refusals. */
export const refusalRows = (deps: Watched): readonly AlarmRow[] => [
  ofDeadLetters(deps, 'refusals-failed', 'refusals-failed'),
  // https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html: asynchronous invocation metrics.
  ofFunctions(deps, 'refusals-lost', 'DestinationDeliveryFailures', ['record-refusals']),
  own(deps, 'refusals-malformed', 'access_line_malformed', { threshold: 0, unit: 'lines' }),
];

/** The units of CloudWatch and the functions; a metric that is not here is a count. */
export const MEASURED_IN: Readonly<Record<string, string>> = {
  Latency: 'ms',
  ReplicationLatency: 'ms',
  IteratorAge: 'ms',
  kek_age_days: 'days',
  dek_age_days: 'days',
  dek_rotation_age_hours: 'hours',
  unpublished_age_hours: 'hours',
};

/** The deployment that cdk.json configures. */
export const configuredHere = (region: string, homeRegion: string, replicaRegions: readonly string[]): Watched => ({
  stage: 'keyward',
  region,
  homeRegion,
  replicaRegions,
  kekRotationIntervalDays: 90,
  refusalsIn5Minutes: 100,
});
