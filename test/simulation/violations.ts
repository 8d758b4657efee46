import type { Scheduler } from './scheduler';

/** A violated invariant. */
export interface Violation {
  /** Milliseconds since the simulation began. */
  readonly at: number;
  readonly invariant: string;
  readonly detail: string;
}

/**
 * The violations that state checkers have found. They only record them: the code under test would take an error for a failing
 * store.
 */
export class Violations {
  readonly all: Violation[] = [];
  private readonly start: number;

  constructor(private readonly scheduler: Scheduler) {
    this.start = scheduler.now;
  }

  hasAny(): boolean {
    return this.all.length > 0;
  }

  report(invariant: string, detail: string): void {
    this.all.push({ at: this.scheduler.now - this.start, invariant, detail });
  }

  demand(holds: boolean, invariant: string, detail: string): void {
    if (!holds) this.report(invariant, detail);
  }
}
