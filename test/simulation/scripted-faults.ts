import type { Fault, FaultInjector, OutsideCall } from './fault-injector';
import { isIntrusion, type Intrusion } from './intrusion';

/** Which call, counted from the first, meets what; or what somebody else does before it is made. */
export interface ScriptedFault {
  readonly at: number;
  readonly fault: Exclude<Fault, 'works'> | Intrusion;
}

/** Calls that leave nothing behind. */
const READ =
  /^(keysets|credentials|rotations|audit)\.(get|count|page|index|shards|reports|list|any|used|query|intents) |^kek\.(GetSecretValue|DescribeSecret)/;

/** So long a call is under way that somebody else comes before: less than its caller waits, more than that takes. */
const OVERTAKEN_MS = { waits: 2_900, acts: 1_500 };

/** Everything works but the calls that are planned not to. Only the calls that `counts` says yes to are numbered. */
export class ScriptedFaults implements FaultInjector {
  /** What the numbered calls were. */
  readonly calls: string[] = [];
  /** Nothing is numbered before and after what is under test. */
  active = false;
  /** Told who comes before a call. */
  intrude: (intrusion: Intrusion) => void = () => undefined;
  private overtaken: { readonly call: OutsideCall; readonly ms: number } | undefined;

  constructor(
    private readonly plan: readonly ScriptedFault[],
    private readonly counts: (call: OutsideCall) => boolean,
  ) {}

  get count(): number {
    return this.calls.length;
  }

  /** Which of the numbered calls were reads. */
  get reads(): ReadonlySet<number> {
    return new Set(this.calls.flatMap((what, index) => (READ.test(what) ? [index] : [])));
  }

  of(call: OutsideCall): Fault {
    if (!this.active || !this.counts(call)) return 'works';
    const index = this.count;
    this.calls.push(call.what);
    const fault = this.plan.find(({ at }) => at === index)?.fault ?? 'works';
    if (!isIntrusion(fault)) return fault;
    this.overtaken = { call, ms: fault === 'expiry' ? OVERTAKEN_MS.waits : OVERTAKEN_MS.acts };
    this.intrude(fault);
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
