import { createHash } from 'node:crypto';

const sha256 = (...parts: readonly Uint8Array[]): Buffer =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();

/** The recursive definitions of RFC 9162, sections 2.1.1, 2.1.3.1 and 2.1.4.1, word for word, over all entries. */
export function naiveTree(entries: readonly Uint8Array[]) {
  const known = new Map<string, Buffer>();

  const split = (n: number): number => 2 ** (Math.ceil(Math.log2(n)) - 1);

  function mth(from: number, to: number): Buffer {
    const at = `${from}:${to}`;
    const hash = known.get(at) ?? compute(from, to);
    known.set(at, hash);
    return hash;
  }

  function compute(from: number, to: number): Buffer {
    const n = to - from;
    if (n === 0) return sha256();
    if (n === 1) return sha256(Buffer.of(0), entries[from]!);
    const k = split(n);
    return sha256(Buffer.of(1), mth(from, from + k), mth(from + k, to));
  }

  function path(m: number, from: number, to: number): Buffer[] {
    const n = to - from;
    if (n === 1) return [];
    const k = split(n);
    return m < k
      ? [...path(m, from, from + k), mth(from + k, to)]
      : [...path(m - k, from + k, to), mth(from, from + k)];
  }

  function subproof(m: number, from: number, to: number, isWhole: boolean): Buffer[] {
    const n = to - from;
    if (m === n) return isWhole ? [] : [mth(from, to)];
    const k = split(n);
    return m <= k
      ? [...subproof(m, from, from + k, isWhole), mth(from + k, to)]
      : [...subproof(m - k, from + k, to, false), mth(from, from + k)];
  }

  return {
    /** The tree of the first `size` entries. */
    tree: (size: number) => ({ size, root: mth(0, size) }),
    leaf: (index: number) => mth(index, index + 1),
    /** MTH(D[from:to]). */
    hash: mth,
    inclusion: (index: number, size: number) => path(index, 0, size),
    consistency: (older: number, size: number) => (older === 0 ? [] : subproof(older, 0, size, true)),
  };
}

/** Distinct entries of different lengths. */
export const someEntries = (count: number): Buffer[] =>
  Array.from({ length: count }, (_, index) => Buffer.from(`entry ${index} ${'.'.repeat(index % 40)}`));
