/** CloudWatch namespace of the functions' metrics. */
export const METRICS_NAMESPACE = 'Keyward';

/** The one dimension: the deployment's stage. */
export const METRICS_DIMENSION = 'service';

/**
 * Requests that the gateway refused before a function ran. On AWS they are counted from the access log, in a namespace of the
 * stage; in local mode the gateway counts them.
 */
export const REFUSALS_METRIC = 'unauthorized_access';

/** Lines of the access log with 4xx, in the same namespace: what API Gateway counts beyond them has no line. */
export const LOGGED_FAULTS_METRIC = 'logged_client_errors';

/** Counters of the functions; the unit is Count. */
type FunctionCounter =
  /** A line of the access log that is not of its format: what it says is in no event. */
  | 'access_line_malformed'
  | 'archive_failed'
  | 'audit_append_failed'
  | 'bootstrap_failed'
  /** A day of the audit log was read to its end for events that no transparency log has. */
  | 'day_reconciled'
  | 'dek_cache_hit'
  | 'dek_cache_miss'
  /** What was written into the audit log is no whole event. */
  | 'event_malformed'
  /** An event of the audit log was edited, or removed before its time. */
  | 'event_tampered'
  /** An event of the audit log is older than a day and in no transparency log. */
  | 'event_unlogged'
  /** A batch of events that Lambda gave up cannot be read. */
  | 'failed_batch_unreadable'
  | 'failed_decrypt'
  | 'kek_replica_lagging'
  | 'kek_rotation_abandoned'
  | 'kek_source_failed'
  | 'kek_unusable'
  | 'keyset_damaged'
  | 'keyset_lagging'
  | 'keyset_source_failed'
  /** Another region's transparency log has no checkpoint that says that it was the newest a day ago. */
  | 'log_away'
  /** A run of the transparency log's publisher that failed, or that signed nothing because of a fault. */
  | 'publish_failed'
  /** A request that the gateway refused without saying whether it was signed: it has no route. */
  | 'refusal_unrouted'
  | 'region_unproved'
  | 'rekey_failed'
  | 'retiring_version_used'
  | 'sweep_part_failed'
  | 'version_referenced'
  /** A token names a version that is unknown here, and home did not answer or too many requests waited for its answer. */
  | 'version_unconfirmed'
  /** A checkpoint was not copied to the witness. */
  | 'witness_failed';

/** Gauges of the functions; the unit is in the name. */
export type GaugeName =
  | 'dek_age_days'
  | 'dek_rotation_age_hours'
  | 'kek_age_days'
  /** Entries of a region's transparency log, and what became of the lines of one run of its publisher. */
  | 'log_added'
  | 'log_foreign'
  | 'log_malformed'
  | 'log_repeated'
  | 'log_size'
  /** How long the oldest archived event that no checkpoint covers can have waited. */
  | 'unpublished_age_hours';

/** All counters. Dimensions are bounded sets, never input. */
export type MetricName = FunctionCounter | typeof REFUSALS_METRIC;

/** Metrics that a function on AWS writes. */
export type KeywardMetricName = FunctionCounter | GaugeName;
