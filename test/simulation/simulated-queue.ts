import type { Scheduler } from './scheduler';
import type { SeededRandom } from './seeded-random';

interface QueuedMessage<M> {
  readonly id: number;
  readonly body: M;
  readonly sentAt: number;
  receives: number;
}

/** How long a message is hidden after a failed receive; the time grows, as a worker's backoff requires. */
const VISIBILITY_MS = 30_000;
/** The waiting step of a message on a held queue. */
const HELD_MS = 5_000;
const MAX_VISIBILITY_MS = 900_000;
/** The retention of both queues, from the first send (lib/operations/work-queue; SQS Developer Guide, dead-letter queues). */
const RETENTION_MS = 14 * 86_400_000;

/**
 * A standard queue: each message comes at least once, sometimes twice, in any order. After too many failed receives it goes to
 * the dead-letter queue and stays there until it is sent back or expires.
 */
export class SimulatedQueue<M> {
  /** Serves a message; false if it has to come again. */
  consume: (body: M) => Promise<boolean> = () => Promise.resolve(false);
  readonly dead: { readonly body: M; readonly sentAt: number }[] = [];
  /** While it is held, nothing is delivered. */
  isHeld = false;
  /** The number of messages on the queue or being served. */
  waiting = 0;
  private sent = 0;

  constructor(
    private readonly deps: { readonly scheduler: Scheduler; readonly random: SeededRandom },
    private readonly options: {
      readonly maxReceives: number;
      readonly duplicateChance: number;
      readonly maxDelayMs: number;
    },
  ) {}

  put(body: M, delayMs: number, sentAt = this.deps.scheduler.now): void {
    const message: QueuedMessage<M> = { id: (this.sent += 1), body, sentAt, receives: 0 };
    const copies = this.deps.random.chance(this.options.duplicateChance) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) this.deliver(message, delayMs);
  }

  /** Sends dead letters back, as an operator does by one command. */
  redrive(): void {
    for (const { body, sentAt } of this.dead.splice(0)) {
      if (this.deps.scheduler.now - sentAt <= RETENTION_MS) this.put(body, 0, sentAt);
    }
  }

  private deliver(message: QueuedMessage<M>, delayMs: number): void {
    this.waiting += 1;
    const underway = this.deps.random.between(5, this.options.maxDelayMs);
    this.deps.scheduler.after(delayMs + underway, () => {
      if (this.isHeld) {
        this.waiting -= 1;
        this.deliver(message, HELD_MS);
        return;
      }
      message.receives += 1;
      void this.consume(message.body).then((isServed) => {
        this.waiting -= 1;
        if (isServed) return;
        if (message.receives >= this.options.maxReceives) this.dead.push(message);
        else this.deliver(message, Math.min(VISIBILITY_MS * 2 ** (message.receives - 1), MAX_VISIBILITY_MS));
      });
    });
  }
}
