import type { Fault, FaultInjector, OutsideCall } from './fault-injector';

/** The connections between regions. */
export class Network {
  faultInjector: FaultInjector;
  /** Called for each call. */
  trace: (call: OutsideCall, fault: Fault) => void = () => undefined;
  private readonly cut = new Set<string>();

  constructor(faultInjector: FaultInjector) {
    this.faultInjector = faultInjector;
  }

  /** Cuts two regions off from each other; a region's own services stay reachable from it. */
  partition(a: string, b: string): void {
    this.cut.add(pair(a, b));
  }

  healAll(): void {
    this.cut.clear();
  }

  get isWhole(): boolean {
    return this.cut.size === 0;
  }

  isReachable(from: string, to: string): boolean {
    return from === to || !this.cut.has(pair(from, to));
  }
}

const pair = (a: string, b: string): string => (a < b ? `${a} ${b}` : `${b} ${a}`);
