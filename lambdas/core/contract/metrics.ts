/** CloudWatch namespace of the functions' metrics. */
export const METRICS_NAMESPACE = 'Keyward';

/** The one dimension: the deployment's stage. */
export const METRICS_DIMENSION = 'service';

/**
 * Requests that the gateway refused before a function ran. On AWS they are counted from the access log, in a namespace of the
 * stage; in local mode the gateway counts them.
 */
export const REFUSALS_METRIC = 'unauthorized_access';

/** Counters of the functions; the unit is Count. */
type FunctionCounter =
  | 'audit_append_failed'
  | 'bootstrap_failed'
  | 'dek_cache_hit'
  | 'dek_cache_miss'
  | 'failed_decrypt'
  | 'kek_replica_lagging'
  | 'kek_rotation_abandoned'
  | 'kek_source_failed'
  | 'kek_unusable'
  | 'keyset_damaged'
  | 'keyset_lagging'
  | 'keyset_source_failed'
  | 'region_unproved'
  | 'rekey_failed'
  | 'retiring_version_used'
  | 'sweep_part_failed'
  | 'version_referenced'
  /** A token names a version that is unknown here, and home did not answer or too many requests waited for its answer. */
  | 'version_unconfirmed';

/** Gauges of the functions; the unit is in the name. */
export type GaugeName = 'dek_age_days' | 'dek_rotation_age_hours' | 'kek_age_days';

/** All counters. Dimensions are bounded sets, never input. */
export type MetricName = FunctionCounter | typeof REFUSALS_METRIC;

/** Metrics that a function on AWS writes. */
export type KeywardMetricName = FunctionCounter | GaugeName;
