import { TEST_START } from '../doubles/memory-ports';
import type { LostWrite } from '../doubles/stores/lost-write';
import type { Fault, FaultInjector, OutsideCall } from '../simulation/fault-injector';
import { Network } from '../simulation/network';
import { HOME } from '../simulation/regions';
import { Scheduler } from '../simulation/scheduler';
import { SimulatedProcess } from '../simulation/simulated-process';
import { createTables } from '../simulation/simulated-tables';
import type { StoreFaults } from './store-under-test';

const SUBJECT = 'the subject';
const IS_WRITE = /\.(put|append|mark|intents-closed-to)\b|^queue\.send|^kek\.(Put|Update|Rotate)/;
/** After the arrival of a write, and long before its writer gives up. */
const MEANWHILE_MS = 1_000;

/** Injects faults into the subject's calls; calls of others work. */
class FaultsOfOne implements FaultInjector, StoreFaults {
  private lost: LostWrite[] = [];
  private readonly failing = { reads: false, writes: false };

  constructor(private readonly after: Scheduler) {}

  loseWrites(...lost: readonly LostWrite[]): void {
    this.lost = [...lost];
  }
  readsFail(): void {
    this.failing.reads = true;
  }
  writesFail(): void {
    this.failing.writes = true;
  }

  of({ process, what }: OutsideCall): Fault {
    if (process !== SUBJECT) return 'works';
    const isWrite = IS_WRITE.test(what);
    if (isWrite ? this.failing.writes : this.failing.reads) return 'fails';
    const lost = isWrite ? this.lost.shift() : undefined;
    if (lost === undefined) return 'works';
    this.after.after(MEANWHILE_MS, () => void lost.meanwhile?.());
    return lost.arrives ? 'lost' : 'fails';
  }

  latency(): number {
    return 5;
  }
}

/** The simulation's tables with one process under test and one beside it. Time passes during a wait for an answer. */
export class SimulatedDeployment {
  readonly scheduler = new Scheduler(TEST_START);
  readonly faults = new FaultsOfOne(this.scheduler);
  readonly network = new Network(this.faults);
  readonly tables = createTables({ scheduler: this.scheduler, network: this.network, lag: () => 100 });
  readonly subject = this.process(SUBJECT);
  readonly rival = this.process('another');
  private waiting = 0;
  private isRunning = false;

  private process(name: string): SimulatedProcess {
    return new SimulatedProcess(name, HOME, { scheduler: this.scheduler, network: this.network });
  }

  /** The port; simulated time passes until an answer arrives. */
  driven<P extends object>(port: P): P {
    return new Proxy(port, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return (...parameters: unknown[]) => this.drive(() => member.apply(target, parameters) as unknown);
      },
    });
  }

  private drive(call: () => unknown): unknown {
    const answer = call();
    if (!(answer instanceof Promise)) return answer;
    this.waiting += 1;
    const driven = answer.finally(() => {
      this.waiting -= 1;
    });
    void this.run();
    return driven;
  }

  private async run(): Promise<void> {
    if (this.isRunning) return;
    this.isRunning = true;
    while (this.waiting > 0) await this.scheduler.runUntil(this.scheduler.now + 60_000, () => this.waiting === 0);
    this.isRunning = false;
  }
}
