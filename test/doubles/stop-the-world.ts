import { intercepted, type MakeCall } from './intercepted';

/**
 * The failure of one outside call: not made, made with its answer lost, made twice, or made again after a lost answer, so that the
 * caller gets the second one.
 */
export type Interruption = 'before' | 'after' | 'twice' | 'repeated';

/** The error of an interrupted process: the code under test must not catch it and go on as with an answer. */
class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** The failure of each planned call, by its number: counted from the first, and on through restarts. */
export interface PlannedInterruption {
  readonly at: number;
  readonly how: Interruption;
}

/**
 * Numbers the outside calls of a process and interrupts the planned ones. After an interruption by `before` or `after` the
 * process is dead: every later call fails, too, and does not count, until the next process is started.
 */
export class OutsideCalls {
  count = 0;
  private dead = false;

  constructor(private readonly plan: readonly PlannedInterruption[] = []) {}

  /** Starts a new process. */
  restart(): void {
    this.dead = false;
  }

  /** The port, with all its calls counted. */
  through<P extends object>(port: P): P {
    return intercepted(port, (make) => this.call(make));
  }

  private async call(make: MakeCall): Promise<unknown> {
    if (this.dead) throw new Interrupted();
    const index = this.count++;
    const how = this.plan.find(({ at }) => at === index)?.how;
    if (how === 'before') {
      this.dead = true;
      throw new Interrupted();
    }
    const answer = await make();
    if (how === 'repeated') return make();
    if (how === 'twice') await make().catch(() => undefined);
    if (how === 'after') {
      this.dead = true;
      throw new Interrupted();
    }
    return answer;
  }
}
