import { SECOND_MS } from '../../lambdas/core/contract/time-units';

/** A connection is for the next request of a command that makes many, not for one after a pause: by then it may be closed. */
export const IDLE_MS = SECOND_MS;

/** Whoever is there connects sooner; the operating system would wait for minutes. */
export const CONNECT_LIMIT_MS = 10 * SECOND_MS;
