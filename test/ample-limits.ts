/** Longer than the busiest machine takes, for tests that are not about the product's timeouts. */
export const AMPLE_MS = 600_000;

/** For the clients of DynamoDB, Secrets Manager, SQS and Lambda. */
export const AMPLE = { requestTimeoutMs: AMPLE_MS, connectionTimeoutMs: AMPLE_MS };

/** For local mode. */
export const AMPLE_LOCAL = { requestMs: AMPLE_MS, auditMs: AMPLE_MS };
