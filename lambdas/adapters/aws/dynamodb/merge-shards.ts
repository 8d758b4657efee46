import { mapConcurrently } from '../../../core/ports/map-concurrently';

/** A value and its place, in its shard and among all shards. */
interface Placed<T> {
  readonly key: string;
  readonly value: T;
}

/** The result of one read of a shard: its items in order, complete up to `readTo`, which is missing at the shard's end. */
interface ShardPage<T> {
  readonly items: readonly Placed<T>[];
  readonly readTo?: string | undefined;
}

/** Reads a shard from the `readTo` of its previous page; undefined at its start. */
export type ReadShard<T> = (readTo: string | undefined) => Promise<ShardPage<T>>;

export interface MergeOptions {
  readonly order: 'ascending' | 'descending';
  readonly limit: number;
  /** No round of reads exceeds this. The first round is always made, so that every call advances. */
  readonly maxReads?: number;
  /** Whether the time is over: then no round after the first begins. */
  readonly isLate?: () => boolean;
}

/** The first items of all shards, complete up to `readTo`, which is missing at the end. */
export interface MergedPage<T> extends ShardPage<T> {
  readonly reads: number;
}

interface OpenShard<T> {
  readonly read: ReadShard<T>;
  readTo: string | undefined;
  ended: boolean;
}

/** Number of concurrent reads. */
const CONCURRENCY = 32;

/**
 * Reads sorted shards as one list. Keys are ASCII and compare as text. A shard is read only while it may hold an item of this
 * page; items beyond the end of the shard that is furthest behind are left to the next page, so pages neither skip nor repeat an
 * item.
 *
 * @throws the error of a read
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
