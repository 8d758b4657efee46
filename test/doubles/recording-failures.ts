import type { OutsideFailure } from '../../lambdas/core/errors/outside-failure';
import type { FailureLog } from '../../lambdas/core/ports/failure-log';

/** Records every failure, in order. */
export class RecordingFailures implements FailureLog {
  readonly noted: OutsideFailure[] = [];

  note(failure: OutsideFailure): void {
    this.noted.push(failure);
  }
}
