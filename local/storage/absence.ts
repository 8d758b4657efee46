import type { Clock } from '../../lambdas/core/ports/clock';

/** Missing for so long, nothing is under way to put it back. */
export const LONG_MS = 60_000;

/** Since when something has been missing at every look; by the wall clock, because timers stand still in a sleeping machine. */
export class Absence {
  private since: number | undefined;

  constructor(private readonly clock: Clock) {}

  /** Notes what a look has found. */
  note(isMissing: boolean): void {
    const now = this.clock.now();
    if (!isMissing) this.since = undefined;
    // A clock that went back says nothing of how long it was.
    else if (this.since === undefined || now < this.since) this.since = now;
  }

  /** Whether it was missing at two looks that are a minute apart. */
  get isLong(): boolean {
    return this.since !== undefined && this.clock.now() - this.since >= LONG_MS;
  }
}
