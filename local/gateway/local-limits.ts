/** Time limits of local mode for calls within the machine. */
export interface LocalLimits {
  /** For one attempt of a call of the embedded database, connecting included. */
  readonly requestMs: number;
  /** For an audit event to become durable, all attempts together; then the request is answered with 503. */
  readonly auditMs: number;
}

/** A slower database is broken; a slow one on a busy machine stays within the limits. */
export const LOCAL_LIMITS: LocalLimits = { requestMs: 20_000, auditMs: 20_000 };
