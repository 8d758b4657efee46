import type { OutsideFailure } from '../../lambdas/core/errors/outside-failure';
import type { FailureLog } from '../../lambdas/core/ports/failure-log';

/** Keeps every failure that it was told, one after the other. */
export class RecordingFailures implements FailureLog {
  readonly noted: OutsideFailure[] = [];

  note(failure: OutsideFailure): void {
    this.noted.push(failure);
  }
}
