/** An event at a time; of two at the same time the one scheduled first runs first. */
interface Happening {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Ten times the longest history. */
const MOST_STEPS = 100_000;
/** The number of steps between two turns of Node's event loop. */
const STEPS_PER_TURN = 2_000;

/**
 * The only source of time in a simulation. Events run one after the other; after each event all promises that it settled run to
 * their end. The same seed therefore gives the same events in the same order.
 */
export class Scheduler {
  now: number;
  /** The number of past events. */
  steps = 0;
  /** Called once, when there were more events than any run should need. */
  onExcess: () => void = () => undefined;
  private order = 0;
  private readonly heap: Happening[] = [];

  constructor(start: number) {
    this.now = start;
  }

  /** Runs `run` in `delayMs` milliseconds of simulated time. */
  after(delayMs: number, run: () => void): void {
    this.push({ at: this.now + Math.max(0, delayMs), order: (this.order += 1), run });
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, resolve);
    });
  }

  /** Runs events until `time`, or until `isDone` if that is earlier. */
  async runUntil(time: number, isDone: () => boolean = () => false): Promise<void> {
    await quiescence();
    while (!isDone()) {
      const next = this.heap[0];
      if (next === undefined || next.at > time) {
        this.now = Math.max(this.now, time);
        return;
      }
      this.pop();
      this.now = Math.max(this.now, next.at);
      this.steps += 1;
      next.run();
      if (this.steps === MOST_STEPS) this.onExcess();
      await (this.steps % STEPS_PER_TURN === 0 ? turn() : quiescence());
    }
  }

  private push(happening: Happening): void {
    const { heap } = this;
    let at = heap.push(happening) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (isBefore(heap[parent]!, happening)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = happening;
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (isBefore(last, heap[child]!)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

const isBefore = (a: Happening, b: Happening): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** Node runs nextTick callbacks only when no promise job is left. */
const quiescence = (): Promise<void> =>
  new Promise((resolve) => {
    process.nextTick(resolve);
  });

const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });
