import { mapConcurrently } from '../../../core/ports/map-concurrently';

/** A value and the place that it has in its shard and among all shards. */
interface Placed<T> {
  readonly key: string;
  readonly value: T;
}

/** What one read of a shard gave: some of its items in order, all of them up to `readTo`; that is missing at the shard's end. */
interface ShardPage<T> {
  readonly items: readonly Placed<T>[];
  readonly readTo?: string | undefined;
}

/** Reads a shard on from `readTo` of its page before; undefined at its start. */
export type ReadShard<T> = (readTo: string | undefined) => Promise<ShardPage<T>>;

export interface MergeOptions {
  readonly order: 'ascending' | 'descending';
  readonly limit: number;
  /** Rounds of reads stop before they would pass this. The first round is always made, so that every call moves on. */
  readonly maxReads?: number;
  /** Whether time is up: no round after the first begins then. */
  readonly isLate?: () => boolean;
}

/** The first items of all shards together; `readTo` is the place up to which that is all there is, missing at the end. */
export interface MergedPage<T> extends ShardPage<T> {
  readonly reads: number;
}

interface OpenShard<T> {
  readonly read: ReadShard<T>;
  readTo: string | undefined;
  ended: boolean;
}

/** How many reads are under way at a time. */
const CONCURRENCY = 32;

/**
 * Reads sorted shards as if they were one. Keys are ASCII and compare as text. A shard is read only as long as it may
 * hold something that belongs on this page; what was read beyond the shard that is furthest behind is left for the next page,
 * so that pages neither skip nor repeat.
 *
 * @throws what a read throws
 */
export async function mergeShards<T>(reads: readonly ReadShard<T>[], options: MergeOptions): Promise<MergedPage<T>> {
  const { order, limit, maxReads = Infinity, isLate = () => false } = options;
  const precedes = (a: string, b: string): boolean => (order === 'ascending' ? a < b : a > b);
  const shards = reads.map((read): OpenShard<T> => ({ read, readTo: undefined, ended: false }));
  const found: Placed<T>[] = [];
  let spent = 0;
  for (;;) {
    found.sort((a, b) => (precedes(a.key, b.key) ? -1 : 1));
    const last = found[limit - 1]?.key;
    const behind = shards.filter(
      ({ ended, readTo }) => !ended && (readTo === undefined || last === undefined || precedes(readTo, last)),
    );
    if (behind.length === 0 || (spent > 0 && (spent + behind.length > maxReads || isLate()))) break;
    await mapConcurrently(behind, CONCURRENCY, async (shard) => {
      const page = await shard.read(shard.readTo);
      found.push(...page.items);
      shard.readTo = page.readTo;
      shard.ended = page.readTo === undefined;
    });
    spent += behind.length;
  }
  const frontier = shards
    .flatMap(({ readTo }) => readTo ?? [])
    .reduce<string | undefined>((least, key) => (least === undefined || precedes(key, least) ? key : least), undefined);
  const complete = frontier === undefined ? found : found.filter(({ key }) => !precedes(frontier, key));
  const items = complete.slice(0, limit);
  return { items, readTo: complete.length > limit ? items.at(-1)?.key : frontier, reads: spent };
}
