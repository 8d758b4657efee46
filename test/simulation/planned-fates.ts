import type { CallFate, Fates, OutsideCall } from './call-fate';

/** Which call, counted from the first, meets what. */
export interface PlannedFate {
  readonly at: number;
  readonly fate: Exclude<CallFate, 'works'>;
}

/** Calls that leave nothing behind. */
const READ =
  /^(keysets|credentials|rotations|audit)\.(get|count|page|index|shards|reports|list|any|used|query|intents) |^kek\.(GetSecretValue|DescribeSecret)/;

/** Everything works but the calls that are planned not to. Only the calls that `counts` says yes to are numbered. */
export class PlannedFates implements Fates {
  count = 0;
  /** Which of the numbered calls were reads. */
  readonly reads = new Set<number>();
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
    if (READ.test(call.what)) this.reads.add(index);
    return this.plan.find(({ at }) => at === index)?.fate ?? 'works';
  }

  latency({ region, to }: OutsideCall): number {
    return region === to ? 5 : 80;
  }
}
