import type { CallFate, Fates, OutsideCall } from './call-fate';
import { isIntrusion, type Intrusion } from './intrusion';

/** Which call, counted from the first, meets what; or what somebody else does before it is made. */
export interface PlannedFate {
  readonly at: number;
  readonly fate: Exclude<CallFate, 'works'> | Intrusion;
}

/** Calls that leave nothing behind. */
const READ =
  /^(keysets|credentials|rotations|audit)\.(get|count|page|index|shards|reports|list|any|used|query|intents) |^kek\.(GetSecretValue|DescribeSecret)/;

/** So long a call is under way that somebody else comes before: less than its caller waits, more than that takes. */
const OVERTAKEN_MS = { waits: 2_900, acts: 1_500 };

/** Everything works but the calls that are planned not to. Only the calls that `counts` says yes to are numbered. */
export class PlannedFates implements Fates {
  /** What the numbered calls were. */
  readonly calls: string[] = [];
  /** Nothing is numbered before and after what is under test. */
  active = false;
  /** Told who comes before a call. */
  intrude: (intrusion: Intrusion) => void = () => undefined;
  private overtaken: { readonly call: OutsideCall; readonly ms: number } | undefined;

  constructor(
    private readonly plan: readonly PlannedFate[],
    private readonly counts: (call: OutsideCall) => boolean,
  ) {}

  get count(): number {
    return this.calls.length;
  }

  /** Which of the numbered calls were reads. */
  get reads(): ReadonlySet<number> {
    return new Set(this.calls.flatMap((what, index) => (READ.test(what) ? [index] : [])));
  }

  of(call: OutsideCall): CallFate {
    if (!this.active || !this.counts(call)) return 'works';
    const index = this.count;
    this.calls.push(call.what);
    const fate = this.plan.find(({ at }) => at === index)?.fate ?? 'works';
    if (!isIntrusion(fate)) return fate;
    this.overtaken = { call, ms: fate === 'expiry' ? OVERTAKEN_MS.waits : OVERTAKEN_MS.acts };
    this.intrude(fate);
    return 'works';
  }

  latency(call: OutsideCall): number {
    const { overtaken } = this;
    if (overtaken?.call === call) {
      this.overtaken = undefined;
      return overtaken.ms;
    }
    return call.region === call.to ? 5 : 80;
  }
}
