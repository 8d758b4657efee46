/** What is counted. Dimensions are bounded sets, never input. */
export type MetricName =
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
  | 'unauthorized_access'
  | 'version_referenced'
  /** A token names a version that is not known here, and home could not be asked, or not by so many at once, whether there is one. */
  | 'version_unconfirmed';

/** What is measured. */
export type GaugeName = 'dek_age_days' | 'kek_age_days' | 'rotation_age_hours';

export interface Metrics {
  /** Adds one. Never throws and does no I/O of its own. */
  count(name: MetricName): void;

  /** Sets a value. Never throws and does no I/O of its own. */
  gauge(name: GaugeName, value: number): void;
}
