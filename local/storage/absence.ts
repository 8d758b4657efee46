import type { Clock } from '../../lambdas/core/ports/clock';

/** A file that is missing for this long is not about to be put back. */
export const LONG_MS = 60_000;

/** Time since which something has been missing at every check; by the wall clock, because timers stop while a machine sleeps. */
export class Absence {
  private since: number | undefined;

  constructor(private readonly clock: Clock) {}

  /** Records the result of a check. */
  note(isMissing: boolean): void {
    const now = this.clock.now();
    if (!isMissing) this.since = undefined;
    // A clock that was set back does not tell the length of an absence.
    else if (this.since === undefined || now < this.since) this.since = now;
  }

  /** Whether it was missing at two checks that are a minute apart. */
  get isLong(): boolean {
    return this.since !== undefined && this.clock.now() - this.since >= LONG_MS;
  }
}
