import type { LostWrite } from './lost-write';
import { noAnswer } from './no-answer';
import type { Rows, Table } from './table';

/** A table in this process; a test can make its calls fail. */
export class MemoryTable<V> implements Table<V> {
  readsDown = false;
  writesDown = false;
  /** The faults of the next writes, one each; later writes work. */
  lostWrites: LostWrite[] = [];
  /** Awaited before each answer, so that a test can hold one back. */
  gate: Promise<void> = Promise.resolve();

  constructor(readonly rows: Rows<V>) {}

  set down(down: boolean) {
    this.readsDown = this.writesDown = down;
  }

  async read<T>(_what: string, take: (rows: Rows<V>) => T): Promise<T> {
    await this.gate;
    if (this.readsDown) throw noAnswer();
    return take(this.rows);
  }

  async write<T>(_what: string, take: (rows: Rows<V>) => T): Promise<T> {
    await this.gate;
    if (this.writesDown) throw noAnswer();
    const lost = this.lostWrites.shift();
    if (lost === undefined) return take(this.rows);
    if (lost.arrives) attempt(() => take(this.rows));
    await lost.meanwhile?.();
    throw noAnswer();
  }
}

/** The result is in the answer, which is lost. */
function attempt(take: () => unknown): void {
  try {
    take();
  } catch {
    // A condition that did not hold.
  }
}
