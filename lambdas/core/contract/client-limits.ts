/** How long a client of an AWS service waits. Times are in milliseconds, each for one attempt. */
export interface ClientLimits {
  /** From the beginning of an attempt until the answer's headers are there: waiting for a socket and connecting are part of it. */
  readonly requestTimeoutMs: number;
  /** Shorter, so that a host that is not there is known before. */
  readonly connectionTimeoutMs: number;
  /** Attempts in all, the first included. */
  readonly maxAttempts: number;
}

/** Behind the API: a region that does not answer must not use up the caller's patience, nor the time that the next region needs. */
export const API_LIMITS: ClientLimits = { requestTimeoutMs: 1000, connectionTimeoutMs: 500, maxAttempts: 2 };

/** Beside the API: nobody waits for an answer, and a step that fails costs a whole new try. */
export const OPERATIONS_LIMITS: ClientLimits = { requestTimeoutMs: 3000, connectionTimeoutMs: 1000, maxAttempts: 3 };

/** Of a region's proof. A caller waits for an emergency to be promoted; what does not answer in time is asked again by the worker. */
export const API_PROOF_LIMITS: ClientLimits = { requestTimeoutMs: 5000, connectionTimeoutMs: 500, maxAttempts: 1 };

/** Of a region's proof, where nobody waits for it: the function there may have to start first. */
export const WORKER_PROOF_LIMITS: ClientLimits = {
  requestTimeoutMs: 15_000,
  connectionTimeoutMs: 1000,
  maxAttempts: 2,
};

/**
 * The SDK's pause before its first repetition, at most; twice as long before each further one (StandardRetryStrategy of
 * \@smithy/core, which makes it shorter by chance).
 */
export const SDK_PAUSE_MS = 50;
/** The same after an answer that throttles. It comes at once, so that it and the pause are no longer than a time-out. */
export const SDK_THROTTLED_PAUSE_MS = 1000;

/** The longest that a call is under way until it has its last attempt's answer, or has given up. */
export const callMs = ({ requestTimeoutMs, maxAttempts }: ClientLimits): number =>
  requestTimeoutMs * maxAttempts + SDK_PAUSE_MS * (2 ** (maxAttempts - 1) - 1);

/** How long after a conditional write has begun it may be applied: all attempts, a look whether one was, and all of them again. */
export const conditionalWriteMs = (limits: ClientLimits): number => 3 * callMs(limits);
