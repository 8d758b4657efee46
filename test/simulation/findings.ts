import type { Scheduler } from './scheduler';

/** A broken promise. */
export interface Finding {
  /** Milliseconds since the simulation began. */
  readonly at: number;
  readonly rule: string;
  readonly detail: string;
}

/** What the checks have found. They only note it: whatever they threw would look like a failing store to the code under test. */
export class Findings {
  readonly all: Finding[] = [];
  private readonly start: number;

  constructor(private readonly scheduler: Scheduler) {
    this.start = scheduler.now;
  }

  hasAny(): boolean {
    return this.all.length > 0;
  }

  report(rule: string, detail: string): void {
    this.all.push({ at: this.scheduler.now - this.start, rule, detail });
  }

  demand(holds: boolean, rule: string, detail: string): void {
    if (!holds) this.report(rule, detail);
  }
}
