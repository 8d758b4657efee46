import type { Clock } from '../../lambdas/core/ports/clock';
import type { Fault, OutsideCall } from './fault-injector';
import type { Network } from './network';
import type { Scheduler } from './scheduler';

/** The result of a process' work. A stopped process returns none. */
export type WorkResult<T> =
  | { readonly kind: 'answered'; readonly value: T }
  | { readonly kind: 'threw'; readonly error: unknown }
  | { readonly kind: 'crashed' };

/** How long a caller waits for an answer. */
const TIMEOUT_MS = 3_000;
/** The delay of a request's duplicate. */
const RETRANSMISSION_MS = 400;

/**
 * A process that runs use cases: its clock may be wrong, and it reaches everything else by calls that may fail. A stop cancels
 * its further work; sent requests may still arrive.
 */
export class SimulatedProcess {
  /** The error of its clock. */
  clockErrorMs = 0;
  /** Called when it stops. */
  readonly onCrash: (() => void)[] = [];
  private life = 0;
  private readonly atWork = new Set<(result: WorkResult<never>) => void>();

  constructor(
    readonly name: string,
    readonly region: string,
    private readonly deps: { readonly scheduler: Scheduler; readonly network: Network },
  ) {}

  readonly clock: Clock = {
    now: () => Math.floor(this.deps.scheduler.now + this.clockErrorMs),
    sleep: (ms) =>
      new Promise((resolve) => {
        const { life } = this;
        this.deps.scheduler.after(ms, () => {
          if (life === this.life) resolve();
        });
      }),
  };

  get isBusy(): boolean {
    return this.atWork.size > 0;
  }

  /** Stops and restarts it, with nothing in memory. */
  crash(): void {
    this.life += 1;
    const lost = [...this.atWork];
    this.atWork.clear();
    for (const end of lost) end({ kind: 'crashed' });
    for (const outcome of this.onCrash) outcome();
  }

  /** Runs work in this process; resolves also if the process stops during it. Never rejects. */
  run<T>(work: () => Promise<T>): Promise<WorkResult<T>> {
    return new Promise((resolve) => {
      const end = (result: WorkResult<T>): void => {
        this.atWork.delete(end);
        resolve(result);
      };
      this.atWork.add(end);
      work().then(
        (value) => {
          end({ kind: 'answered', value });
        },
        (error: unknown) => {
          end({ kind: 'threw', error });
        },
      );
    });
  }

  /**
   * Makes an outside call.
   *
   * @param take the effect of the call on the other side
   * @param failure the caller's error if no answer comes
   */
  call<T>(to: string, what: string, take: () => T | Promise<T>, failure: () => Error): Promise<T> {
    const { scheduler, network } = this.deps;
    const call: OutsideCall = { process: this.name, region: this.region, to, what };
    const { life } = this;
    const isAlive = (): boolean => life === this.life;
    if (!isAlive()) return new Promise(() => undefined);
    const fault: Fault = network.faultInjector.of(call);
    network.trace(call, fault);
    if (fault === 'crash_before') {
      this.crash();
      return new Promise(() => undefined);
    }
    return new Promise<T>((resolve, reject) => {
      const settle = (afterMs: number, end: () => void): void => {
        scheduler.after(afterMs, () => {
          if (isAlive()) end();
        });
      };
      const noAnswer = (): void => {
        settle(TIMEOUT_MS, () => {
          reject(failure());
        });
      };
      if (fault === 'fails') {
        noAnswer();
        return;
      }
      const arrive = (): void => {
        if (!network.isReachable(this.region, to)) {
          noAnswer();
          return;
        }
        const answer = attempt(take);
        if (fault === 'twice')
          scheduler.after(
            RETRANSMISSION_MS + network.faultInjector.latency(call),
            () => void attempt(take).catch(() => undefined),
          );
        if (fault === 'crash_after') {
          void answer.catch(() => undefined);
          if (isAlive()) this.crash();
          return;
        }
        const back = network.faultInjector.latency(call);
        answer.then(
          (value) => {
            if (fault === 'lost' || back > TIMEOUT_MS) noAnswer();
            else
              settle(back, () => {
                resolve(value);
              });
          },
          (thrown: unknown) => {
            if (fault === 'lost' || back > TIMEOUT_MS) noAnswer();
            else
              settle(back, () => {
                reject(thrown instanceof Error ? thrown : failure());
              });
          },
        );
      };
      const there = network.faultInjector.latency(call);
      if (there <= TIMEOUT_MS || fault.startsWith('crash')) {
        scheduler.after(there, arrive);
        return;
      }
      // The caller has given up by then, and the request still arrives.
      noAnswer();
      scheduler.after(there, () => {
        if (network.isReachable(this.region, to)) void attempt(take).catch(() => undefined);
      });
    });
  }
}

const attempt = async <T>(take: () => T | Promise<T>): Promise<T> => take();
