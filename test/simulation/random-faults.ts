import type { Fault, FaultInjector, OutsideCall } from './fault-injector';
import type { SeededRandom } from './seeded-random';

/** Rates of faults, as shares of all calls. */
export interface FaultRates {
  readonly fails: number;
  readonly lost: number;
  readonly twice: number;
  readonly crash: number;
  /** Calls that take seconds. */
  readonly slow: number;
}

/** Random faults, until they are stopped. */
export class RandomFaults implements FaultInjector {
  active = true;

  constructor(
    private readonly random: SeededRandom,
    private readonly rates: FaultRates,
  ) {}

  of(_call: OutsideCall): Fault {
    if (!this.active) return 'works';
    const { fails, lost, twice, crash } = this.rates;
    let draw = this.random.next() / 2 ** 32;
    for (const [fault, rate] of [
      ['fails', fails],
      ['lost', lost],
      ['twice', twice],
      ['crash_before', crash / 2],
      ['crash_after', crash / 2],
    ] as const) {
      if (draw < rate) return fault;
      draw -= rate;
    }
    return 'works';
  }

  latency({ region, to }: OutsideCall): number {
    const usual = region === to ? this.random.between(1, 10) : this.random.between(40, 160);
    const isSlow = this.active && this.random.chance(this.rates.slow);
    return isSlow ? usual + this.random.between(500, 20_000) : usual;
  }
}
