/** Timeouts and attempts of an AWS client. Times are in milliseconds, each for one attempt. */
export interface ClientLimits {
  /** From the beginning of an attempt to the response headers, including the wait for a socket and the connection. */
  readonly requestTimeoutMs: number;
  /** Shorter, so that a missing host is noticed first. */
  readonly connectionTimeoutMs: number;
  /** Number of attempts, the first included. */
  readonly maxAttempts: number;
}

/** For functions behind the API: a region that does not answer must leave time for the next region. */
export const API_LIMITS: ClientLimits = { requestTimeoutMs: 1000, connectionTimeoutMs: 500, maxAttempts: 2 };

/** For the other functions: nobody waits for an answer, and a failed step has to be repeated as a whole. */
export const OPERATIONS_LIMITS: ClientLimits = { requestTimeoutMs: 3000, connectionTimeoutMs: 1000, maxAttempts: 3 };

/**
 * For a region's proof while a caller waits for an emergency to be promoted. The worker asks again a region that does not answer
 * in time.
 */
export const API_PROOF_LIMITS: ClientLimits = { requestTimeoutMs: 5000, connectionTimeoutMs: 500, maxAttempts: 1 };

/** For a region's proof that nobody waits for: the function there may have to start first. */
export const WORKER_PROOF_LIMITS: ClientLimits = {
  requestTimeoutMs: 15_000,
  connectionTimeoutMs: 1000,
  maxAttempts: 2,
};

/**
 * The SDK's longest pause before its first retry; it doubles with each retry (StandardRetryStrategy of \@smithy/core, with
 * jitter).
 */
export const SDK_PAUSE_MS = 50;
/** The same after a throttled attempt. A throttling answer is immediate, so with its pause it takes no longer than a timeout. */
export const SDK_THROTTLED_PAUSE_MS = 1000;

/** The longest that a call can take, all its attempts included. */
export const callMs = ({ requestTimeoutMs, maxAttempts }: ClientLimits): number =>
  requestTimeoutMs * maxAttempts + SDK_PAUSE_MS * (2 ** (maxAttempts - 1) - 1);

/**
 * The longest time from the beginning of a conditional write until it is applied: all attempts, a read to check, and all attempts
 * again.
 */
export const conditionalWriteMs = (limits: ClientLimits): number => 3 * callMs(limits);
