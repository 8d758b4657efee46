import type { OutsideFailure } from '../errors/outside-failure';

/** Logs failures of outside calls without flooding the log. One for the whole process. */
export interface FailureLog {
  /** Logs the failure, unless one with the same service, operation, region and name was logged within the last minute. Never throws. */
  note(failure: OutsideFailure): void;
}
