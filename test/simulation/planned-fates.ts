import type { CallFate, Fates, OutsideCall } from './call-fate';

/** Which call, counted from the first, meets what. */
export interface PlannedFate {
  readonly at: number;
  readonly fate: Exclude<CallFate, 'works'>;
}

/** Everything works but the calls that are planned not to. Only the calls that `counts` says yes to are numbered. */
export class PlannedFates implements Fates {
  count = 0;
  /** Nothing is numbered before and after what is under test. */
  active = false;

  constructor(
    private readonly plan: readonly PlannedFate[],
    private readonly counts: (call: OutsideCall) => boolean,
  ) {}

  of(call: OutsideCall): CallFate {
    if (!this.active || !this.counts(call)) return 'works';
    const index = this.count;
    this.count += 1;
    return this.plan.find(({ at }) => at === index)?.fate ?? 'works';
  }

  latency({ region, to }: OutsideCall): number {
    return region === to ? 5 : 80;
  }
}
