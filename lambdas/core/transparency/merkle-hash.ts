import { hash } from 'node:crypto';

/** SHA-256, the hash of every tree of tlog-tiles ("APIs"). */
export const HASH_BYTES = 32;

/** Root of the empty tree: the hash of no bytes (RFC 9162 section 2.1.1). */
export const EMPTY_ROOT = sha256(Buffer.alloc(0));

const NODE_PREFIX = 0x01;

/** The input of a node's hash, filled anew for each. The hash is synchronous, so nobody sees it half filled. */
const nodeInput = Buffer.alloc(1 + 2 * HASH_BYTES, NODE_PREFIX);

function sha256(bytes: Uint8Array): Buffer {
  return Buffer.from(hash('sha256', bytes, 'binary'), 'latin1');
}

/** The input of a leaf's hash, with its prefix before it. */
let leafInput = Buffer.alloc(128);

/** Hash of an entry, with the prefix that keeps entries and nodes apart (RFC 9162 section 2.1.1). */
export function leafHash(entry: Uint8Array): Buffer {
  const length = 1 + entry.length;
  if (leafInput.length < length) leafInput = Buffer.alloc(2 * length);
  leafInput.set(entry, 1);
  return sha256(leafInput.subarray(0, length));
}

/** Hash of a node with two children (RFC 9162 section 2.1.1). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  nodeInput.set(left, 1);
  nodeInput.set(right, 1 + HASH_BYTES);
  return sha256(nodeInput);
}

/**
 * Root of a perfect subtree, from the hashes of one of its levels.
 *
 * @param hashes one after the other, a power of two of them
 */
export function perfectRoot(hashes: Buffer): Buffer {
  const work = Buffer.from(hashes);
  for (let count = work.length / HASH_BYTES; count > 1; count /= 2) {
    for (let pair = 0; pair < count / 2; pair += 1) {
      nodeInput.set(work.subarray(2 * pair * HASH_BYTES, 2 * (pair + 1) * HASH_BYTES), 1);
      work.write(hash('sha256', nodeInput, 'binary'), pair * HASH_BYTES, 'latin1');
    }
  }
  return work.subarray(0, HASH_BYTES);
}
