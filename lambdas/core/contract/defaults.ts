/** The default stage: it begins the names of a deployment, and is the `service` of its metrics and logs. */
export const DEFAULT_STAGE = 'keyward';

/** The default providers. */
export const DEFAULT_PROVIDERS: readonly string[] = ['openai', 'anthropic', 'google', 'global'];

/** Days between DEK rotations in the policy of a new provider. */
export const DEFAULT_DEK_INTERVAL_DAYS = 90;

/** Days of the grace period in the policy of a new provider. */
export const DEFAULT_GRACE_PERIOD_DAYS = 7;

/** Days between KEK rotations. */
export const DEFAULT_KEK_INTERVAL_DAYS = 90;

/** Days that a previous value is kept; 0: none is kept. */
export const DEFAULT_PREVIOUS_VALUE_DAYS = 30;
export const MAX_PREVIOUS_VALUE_DAYS = 90;

/** In local mode an audit event is kept for at least so many days. */
export const DEFAULT_AUDIT_RETENTION_DAYS = 400;
