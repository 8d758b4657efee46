/** A perfect subtree: the entries from `index * 2^height` on, `2^height` of them. */
export interface Subtree {
  readonly height: number;
  readonly index: number;
}

/** Entries `start` to `end - 1` whose hash stands in a proof: a subtree of the tree, perfect or at its right edge. */
export interface EntryRange {
  readonly start: number;
  readonly end: number;
}

/** The largest power of two below `count`, which is at least 2: where RFC 9162 section 2.1.1 splits a tree. */
function splitOf(count: number): number {
  let split = 1;
  while (split * 2 < count) split *= 2;
  return split;
}

/** The ranges of an inclusion proof, from the entry's sibling up (RFC 9162 section 2.1.3.1). `index` is less than `size`. */
export function inclusionRanges(index: number, size: number): readonly EntryRange[] {
  const ranges: EntryRange[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + splitOf(end - start);
    if (index < middle) {
      ranges.push({ start: middle, end });
      end = middle;
    } else {
      ranges.push({ start, end: middle });
      start = middle;
    }
  }
  return ranges.reverse();
}

/**
 * The ranges of a consistency proof (RFC 9162 section 2.1.4.1). None where the trees are the same or the old one is empty.
 * `oldSize` is at most `size`.
 */
export function consistencyRanges(oldSize: number, size: number): readonly EntryRange[] {
  if (oldSize === 0) return [];
  const ranges: EntryRange[] = [];
  let [start, end] = [0, size];
  while (oldSize !== end) {
    const middle = start + splitOf(end - start);
    if (oldSize <= middle) {
      ranges.push({ start: middle, end });
      end = middle;
    } else {
      ranges.push({ start, end: middle });
      start = middle;
    }
  }
  // A subtree from the first entry on is the old tree, whose root the verifier has.
  if (start > 0) ranges.push({ start, end });
  return ranges.reverse();
}

/** The perfect subtrees that a range consists of, from left to right: their hashes, folded from the right, are its hash. */
export function perfectSubtrees({ start, end }: EntryRange): readonly Subtree[] {
  const subtrees: Subtree[] = [];
  let at = start;
  while (at < end) {
    let [count, height] = [1, 0];
    while (count * 2 <= end - at) [count, height] = [count * 2, height + 1];
    subtrees.push({ height, index: at / count });
    at += count;
  }
  return subtrees;
}
