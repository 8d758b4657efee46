import type { Fault, FaultInjector, OutsideCall } from './fault-injector';
import { isIntrusion, type Intrusion } from './intrusion';

/** The fault of each planned call, by its number from the first; or the intrusion before it. */
export interface ScriptedFault {
  readonly at: number;
  readonly fault: Exclude<Fault, 'works'> | Intrusion;
}

/** Calls without an effect. */
const READ =
  /^(keysets|credentials|rotations|audit)\.(get|count|page|index|shards|reports|list|any|used|query|intents) |^kek\.(GetSecretValue|DescribeSecret)/;

/** How long a call takes that an intrusion precedes: less than its caller waits, more than the intrusion takes. */
const OVERTAKEN_MS = { waits: 2_900, acts: 1_500 };

/** Everything works except the planned calls. Only calls for which `counts` returns true are numbered. */
export class ScriptedFaults implements FaultInjector {
  /** The numbered calls. */
  readonly calls: string[] = [];
  /** Nothing is numbered before and after the code under test. */
  active = false;
  /** Called for the intrusion before a call. */
  intrude: (intrusion: Intrusion) => void = () => undefined;
  private overtaken: { readonly call: OutsideCall; readonly ms: number } | undefined;

  constructor(
    private readonly plan: readonly ScriptedFault[],
    private readonly counts: (call: OutsideCall) => boolean,
  ) {}

  get count(): number {
    return this.calls.length;
  }

  /** The numbers of the calls that were reads. */
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
