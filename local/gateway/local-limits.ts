/** How long local mode waits for what is on the same machine. */
export interface LocalLimits {
  /** For one try of a call of the embedded database, its connection included. */
  readonly requestMs: number;
  /** For an audit event to be durable, all tries together: then the request is answered with 503. */
  readonly auditMs: number;
}

/** What takes longer is broken; what only is slow, on a machine that has other things to do, is not. */
export const LOCAL_LIMITS: LocalLimits = { requestMs: 20_000, auditMs: 20_000 };
