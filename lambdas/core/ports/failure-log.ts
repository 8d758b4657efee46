import type { OutsideFailure } from '../errors/outside-failure';

/** Writes failures of outside calls into the log, so that each is named and none floods it. One for the whole process. */
export interface FailureLog {
  /** Logs the failure, unless one with the same service, operation, region and name was logged within the last minute. Never throws. */
  note(failure: OutsideFailure): void;
}
