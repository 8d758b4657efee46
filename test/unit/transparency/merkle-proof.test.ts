import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { EMPTY_ROOT, leafHash, nodeHash, perfectRoot } from '../../../lambdas/core/transparency/merkle-hash';
import { verifyConsistency, verifyInclusion } from '../../../lambdas/core/transparency/merkle-proof';
import {
  consistencyRanges,
  inclusionRanges,
  perfectSubtrees,
  type EntryRange,
} from '../../../lambdas/core/transparency/subtrees';
import { EFFORT, runs } from '../../effort';
import { flipped } from './flipped';
import { naiveTree, someEntries } from './naive-tree';

const ALL = 300;
/** At full effort each entry and each pair of sizes, else every seventh. */
const STEP = EFFORT < 1 ? 7 : 1;
const naive = naiveTree(someEntries(ALL));

/** The hash of a range from its perfect subtrees, as whoever has only their hashes computes it. */
const fold = (range: EntryRange): Buffer =>
  perfectSubtrees(range)
    .map(({ height, index }) => naive.hash(index * 2 ** height, (index + 1) * 2 ** height))
    .reduceRight((right, left) => nodeHash(left, right));

test('leaves and nodes are hashed as RFC 9162 section 2.1.1 says', () => {
  expect(EMPTY_ROOT.toString('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  expect(leafHash(Buffer.alloc(0)).toString('hex')).toBe(
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  );
  expect(leafHash(someEntries(1)[0]!)).toEqual(naive.leaf(0));
  expect(nodeHash(naive.leaf(0), naive.leaf(1))).toEqual(naive.tree(2).root);
});

test('the root of a perfect subtree, from the hashes of any of its levels', () => {
  for (let count = 1; count <= 256; count *= 2) {
    const leaves = Array.from({ length: count }, (_, index) => naive.leaf(index));
    const joined = Buffer.concat(leaves);
    const before = Buffer.from(joined);
    expect(perfectRoot(joined)).toEqual(naive.tree(count).root);
    expect(joined).toEqual(before);
  }
});

test('inclusion: ranges, hashes and the verifier agree with the definition for every entry of every tree up to 300', () => {
  for (let size = 1; size <= ALL; size += 1) {
    const tree = naive.tree(size);
    for (let index = size % STEP; index < size; index += STEP) {
      const proof = inclusionRanges(index, size).map(fold);
      if (!verifyInclusion(naive.leaf(index), index, tree, proof)) throw new Error(`${index} of ${size}`);
      if (Buffer.compare(Buffer.concat(proof), Buffer.concat(naive.inclusion(index, size))) !== 0) {
        throw new Error(`proof of ${index} of ${size}`);
      }
    }
  }
});

test('consistency: the same for every pair of trees up to 300', () => {
  for (let size = 0; size <= ALL; size += 1) {
    const tree = naive.tree(size);
    for (let older = size % STEP; older <= size; older += STEP) {
      const proof = consistencyRanges(older, size).map(fold);
      if (!verifyConsistency(naive.tree(older), tree, proof)) throw new Error(`${older} of ${size}`);
      if (Buffer.compare(Buffer.concat(proof), Buffer.concat(naive.consistency(older, size))) !== 0) {
        throw new Error(`proof of ${older} of ${size}`);
      }
    }
  }
});

test('no changed bit, hash, length, index, size, leaf or root goes with an inclusion proof', () => {
  for (const [index, size] of [
    [0, 1],
    [0, 2],
    [1, 2],
    [2, 3],
    [6, 7],
    [0, 8],
    [5, 13],
    [299, 300],
    [130, 300],
  ] as const) {
    const [tree, leaf, proof] = [naive.tree(size), naive.leaf(index), naive.inclusion(index, size)];
    const verifies = (changed: Partial<{ leaf: Buffer; index: number; size: number; root: Buffer; proof: Buffer[] }>) =>
      verifyInclusion(
        changed.leaf ?? leaf,
        changed.index ?? index,
        { size: changed.size ?? size, root: changed.root ?? tree.root },
        changed.proof ?? proof,
      );
    expect(verifies({})).toBe(true);
    expect([...flipped(tree.root)].some((root) => verifies({ root }))).toBe(false);
    expect([...flipped(leaf)].some((other) => verifies({ leaf: other }))).toBe(false);
    for (const [at, hash] of proof.entries()) {
      expect([...flipped(hash)].some((other) => verifies({ proof: proof.with(at, other) }))).toBe(false);
      expect(verifies({ proof: proof.toSpliced(at, 1) })).toBe(false);
      expect(verifies({ proof: proof.toSpliced(at, 0, hash) })).toBe(false);
    }
    expect(verifies({ proof: [...proof, leaf] })).toBe(false);
    expect(verifies({ proof: [...proof, tree.root] })).toBe(false);
    for (let other = 0; other < size + 3; other += 1) expect(verifies({ index: other })).toBe(other === index);
    expect(verifies({ size: 0 })).toBe(false);
  }
});

test('no changed bit, hash, length or root goes with a consistency proof, and no tree shrinks', () => {
  for (const [older, size] of [
    [1, 2],
    [2, 3],
    [3, 4],
    [4, 7],
    [6, 8],
    [7, 13],
    [8, 13],
    [200, 300],
    [256, 300],
    [299, 300],
  ] as const) {
    const [first, second, proof] = [naive.tree(older), naive.tree(size), naive.consistency(older, size)];
    expect(verifyConsistency(first, second, proof)).toBe(true);
    expect([...flipped(first.root)].some((root) => verifyConsistency({ ...first, root }, second, proof))).toBe(false);
    expect([...flipped(second.root)].some((root) => verifyConsistency(first, { ...second, root }, proof))).toBe(false);
    for (const [at, hash] of proof.entries()) {
      const isAccepted = (other: Buffer) => verifyConsistency(first, second, proof.with(at, other));
      expect([...flipped(hash)].some(isAccepted)).toBe(false);
      expect(verifyConsistency(first, second, proof.toSpliced(at, 1))).toBe(false);
      expect(verifyConsistency(first, second, proof.toSpliced(at, 0, hash))).toBe(false);
    }
    expect(verifyConsistency(first, second, [])).toBe(false);
    expect(verifyConsistency(first, second, [...proof, second.root])).toBe(false);
    expect(verifyConsistency(second, first, proof)).toBe(false);
    expect(verifyConsistency({ ...first, size: 0 }, second, [])).toBe(false);
  }
  const empty = naive.tree(0);
  expect(verifyConsistency(empty, naive.tree(7), [naive.leaf(0)])).toBe(false);
  expect(verifyConsistency(naive.tree(7), naive.tree(7), [naive.leaf(0)])).toBe(false);
  expect(verifyConsistency(naive.tree(7), { ...naive.tree(7), root: randomBytes(32) }, [])).toBe(false);
});

test('the ranges of proofs are disjoint, cover the tree beside the entry, and are at most 54 at any size', () => {
  const size = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
  const within = size.chain((n) => fc.tuple(fc.integer({ min: 0, max: n - 1 }), fc.constant(n)));
  const inOrder = (ranges: readonly EntryRange[]) => ranges.toSorted((a, b) => a.start - b.start);
  const areAdjacent = (ranges: readonly EntryRange[], start: number, end: number): boolean =>
    ranges.length <= 55 &&
    ranges.every((range, at) => range.start === (at === 0 ? start : ranges[at - 1]!.end)) &&
    ranges.at(-1)?.end === end;
  const asRanges = (range: EntryRange) =>
    perfectSubtrees(range).map(({ height, index }) => ({
      start: index * 2 ** height,
      end: (index + 1) * 2 ** height,
    }));
  fc.assert(
    fc.property(within, ([index, n]) => {
      const ranges = inclusionRanges(index, n);
      const proof = inOrder(consistencyRanges(index, n));
      return (
        areAdjacent(inOrder([...ranges, { start: index, end: index + 1 }]), 0, n) &&
        ranges.every((range) => areAdjacent(asRanges(range), range.start, range.end)) &&
        (index === 0 || areAdjacent(proof, proof.at(0)?.start ?? NaN, n))
      );
    }),
    { numRuns: runs(2000, 100) },
  );
});
