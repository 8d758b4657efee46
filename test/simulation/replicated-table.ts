import type { Network } from './network';
import type { Scheduler } from './scheduler';

/** One item in one region, with the time of its write. */
interface Copy<V> {
  readonly value: V;
  readonly writtenAt: number;
  readonly order: number;
}

/** The time that a write takes to reach another region. */
export type ReplicationLag = (from: string, to: string) => number;

/** While two regions are cut off from each other, their replication waits. */
const RETRY_MS = 1_000;

/**
 * A DynamoDB global table: a write in any region reaches every other one later, item by item. Of two writes the later one wins in
 * all regions, whatever its condition was: conditions are checked in one region only.
 */
export class ReplicatedTable<V> {
  /** Called for each write in the region where it was made, with the previous row. */
  onWrite: (region: string, key: string, value: V, before: V | undefined) => void = () => undefined;
  /** Called for each copy that a region receives from another. */
  onArrival: (region: string, key: string, value: V) => void = () => undefined;
  /** The number of copies on their way. */
  underway = 0;
  private readonly copies: ReadonlyMap<string, Map<string, Copy<V>>>;
  private order = 0;

  constructor(
    readonly regions: readonly string[],
    private readonly deps: { readonly scheduler: Scheduler; readonly network: Network; readonly lag: ReplicationLag },
  ) {
    this.copies = new Map(regions.map((region) => [region, new Map<string, Copy<V>>()]));
  }

  get(region: string, key: string): V | undefined {
    return this.in(region).get(key)?.value;
  }

  /** All items of a region. */
  *entries(region: string): IterableIterator<readonly [string, V]> {
    for (const [key, { value }] of this.in(region)) yield [key, value];
  }

  write(region: string, key: string, value: V): void {
    const before = this.get(region, key);
    const copy: Copy<V> = { value, writtenAt: this.deps.scheduler.now, order: (this.order += 1) };
    this.in(region).set(key, copy);
    for (const to of this.regions) {
      if (to !== region) this.send(region, to, key, copy, this.deps.lag(region, to));
    }
    this.onWrite(region, key, value, before);
  }

  private send(from: string, to: string, key: string, copy: Copy<V>, lagMs: number): void {
    this.underway += 1;
    this.deps.scheduler.after(lagMs, () => {
      this.underway -= 1;
      if (this.deps.network.isReachable(from, to)) this.arrive(to, key, copy);
      else this.send(from, to, key, copy, RETRY_MS);
    });
  }

  private arrive(region: string, key: string, copy: Copy<V>): void {
    const own = this.in(region).get(key);
    if (
      own !== undefined &&
      (own.writtenAt > copy.writtenAt || (own.writtenAt === copy.writtenAt && own.order > copy.order))
    )
      return;
    this.in(region).set(key, copy);
    this.onArrival(region, key, copy.value);
  }

  private in(region: string): Map<string, Copy<V>> {
    return this.copies.get(region)!;
  }
}
