import { intercepted } from './intercepted';

/** One of several processes whose outside calls are made one at a time, in an order that a test decides. */
interface Actor {
  /** Calls that wait for their turn, in the order in which they were made. */
  readonly waiting: (() => Promise<void>)[];
  hasEnded: boolean;
  /** Wakes whoever waits for the next call or the end. */
  wake: () => void;
}

/**
 * Holds the outside calls of processes back. What a process does between two calls must need no timer and no input or output: so
 * the order of the calls is all that there is to decide.
 */
export class Turns {
  private readonly actors: Actor[] = [];

  /**
   * Starts a process, which runs until its first call.
   *
   * @param run gets what its ports go through; its failure is an end like another
   * @returns its number
   */
  start(run: (between: { readonly through: <P extends object>(port: P) => P }) => Promise<unknown>): number {
    const actor: Actor = { waiting: [], hasEnded: false, wake: () => undefined };
    this.actors.push(actor);
    const end = (): void => {
      actor.hasEnded = true;
      actor.wake();
    };
    void run({ through: (port) => held(actor, port) }).then(end, end);
    return this.actors.length - 1;
  }

  /**
   * Makes the next calls of a process, as many as there are at most.
   *
   * @returns how many were made: fewer if it ended
   */
  async make(number: number, most = Infinity): Promise<number> {
    const actor = this.actors[number]!;
    for (let made = 0; made < most; made += 1) {
      if (!(await waits(actor))) return made;
      await actor.waiting.shift()!();
    }
    await waits(actor);
    return most;
  }
}

/** Whether a process has a call that waits, after it did all that it does before one; false: it has ended. */
async function waits(actor: Actor): Promise<boolean> {
  while (actor.waiting.length === 0 && !actor.hasEnded) {
    await new Promise<void>((resolve) => {
      actor.wake = resolve;
    });
  }
  return actor.waiting.length > 0;
}

const held = <P extends object>(actor: Actor, port: P): P =>
  intercepted(
    port,
    (make) =>
      new Promise((resolve, reject) => {
        actor.waiting.push(async () => {
          const answer = make();
          answer.then(resolve, reject);
          await answer.catch(() => undefined);
        });
        actor.wake();
      }),
  );
