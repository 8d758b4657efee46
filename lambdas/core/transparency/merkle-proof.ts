import { EMPTY_ROOT, nodeHash } from './merkle-hash';

/** A tree as its checkpoint states it. */
export interface Tree {
  readonly size: number;
  readonly root: Buffer;
}

const isOdd = (value: number): boolean => value % 2 === 1;
const half = (value: number): number => Math.floor(value / 2);

/**
 * Whether a proof shows that the entry with the hash `leaf` stands at `index` of the tree (RFC 9162 section 2.1.3.2). False for an
 * index outside of the tree and for a proof that is too short or too long.
 */
export function verifyInclusion(leaf: Buffer, index: number, tree: Tree, proof: readonly Buffer[]): boolean {
  if (index >= tree.size) return false;
  let [fn, sn] = [index, tree.size - 1];
  let hash = leaf;
  for (const sibling of proof) {
    if (sn === 0) return false;
    if (isOdd(fn) || fn === sn) {
      hash = nodeHash(sibling, hash);
      while (!isOdd(fn) && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && hash.equals(tree.root);
}

/**
 * Whether a proof shows that the tree `older` is the beginning of the tree `newer` (RFC 9162 section 2.1.4.2). The empty tree is
 * the beginning of every tree, and a tree is the beginning of itself; both without a proof.
 */
export function verifyConsistency(older: Tree, newer: Tree, proof: readonly Buffer[]): boolean {
  if (older.size === 0) return proof.length === 0 && older.root.equals(EMPTY_ROOT);
  if (older.size === newer.size) return proof.length === 0 && older.root.equals(newer.root);
  if (older.size > newer.size) return false;
  let [fn, sn] = [older.size - 1, newer.size - 1];
  while (isOdd(fn)) [fn, sn] = [half(fn), half(sn)];
  const path = fn === 0 ? [older.root, ...proof] : proof;
  const [first, ...rest] = path;
  if (first === undefined) return false;
  let [oldHash, newHash] = [first, first];
  for (const sibling of rest) {
    if (sn === 0) return false;
    if (isOdd(fn) || fn === sn) {
      [oldHash, newHash] = [nodeHash(sibling, oldHash), nodeHash(sibling, newHash)];
      while (!isOdd(fn) && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      newHash = nodeHash(newHash, sibling);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && oldHash.equals(older.root) && newHash.equals(newer.root);
}
