import { SECOND_MS } from '../../lambdas/core/contract/time-units';

/** A connection is reused by the next request of the same command, but not after a pause: the server may have closed it. */
export const IDLE_MS = SECOND_MS;

/** A reachable host connects sooner; the operating system would wait for minutes. */
export const CONNECT_LIMIT_MS = 10 * SECOND_MS;
