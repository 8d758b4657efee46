/** Where CloudWatch files what the functions count and measure. */
export const METRICS_NAMESPACE = 'Keyward';

/** The one dimension: the deployment's stage. */
export const METRICS_DIMENSION = 'service';

/**
 * Requests that were refused before a function saw them, which the access log counts on AWS, under a namespace of the stage, and
 * the gateway in local mode.
 */
export const REFUSALS_METRIC = 'unauthorized_access';

/** What the functions count; the unit is Count. */
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
  | 'rotation_step_failed'
  | 'version_referenced'
  /** A token names a version that is not known here, and home could not be asked, or not by so many at once, whether there is one. */
  | 'version_unconfirmed';

/** What the functions measure; without a unit, which stands in the name. */
export type GaugeName = 'dek_age_days' | 'kek_age_days' | 'rotation_age_hours';

/** What is counted. Dimensions are bounded sets, never input. */
export type MetricName = FunctionCounter | typeof REFUSALS_METRIC;

/** What a function of AWS writes. */
export type KeywardMetricName = FunctionCounter | GaugeName;
