/** What happens at a time; of two at the same time the one that was asked for first comes first. */
interface Happening {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Ten times what the longest of the histories takes. */
const MOST_STEPS = 100_000;
/** How many steps are taken before Node may look after its own affairs. */
const STEPS_PER_TURN = 2_000;

/**
 * The only source of time in a simulation. Things happen one after the other, and after each all promises that it settled are
 * followed to their end: so the same things happen in the same order whenever the same seed is run.
 */
export class Scheduler {
  now: number;
  /** How many things have happened. */
  steps = 0;
  /** Told once, when more has happened than should ever have to. */
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

  /** Lets everything happen until `time`, or until `isDone` where that comes first. */
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

/** Node runs what nextTick was given only when no promise is left to follow. */
const quiescence = (): Promise<void> =>
  new Promise((resolve) => {
    process.nextTick(resolve);
  });

const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });
