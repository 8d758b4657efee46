import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../compile/root';
import { formatCheckpoint, parseCheckpoint } from '../../lambdas/core/transparency/checkpoint';
import { formatLogProof, parseLogProof } from '../../lambdas/core/transparency/log-proof';
import { tilePath } from '../../lambdas/core/transparency/log-tile';
import { leafHash } from '../../lambdas/core/transparency/merkle-hash';
import { verifyConsistency, verifyInclusion, type Tree } from '../../lambdas/core/transparency/merkle-proof';
import { proveConsistency, proveInclusion } from '../../lambdas/core/transparency/prove-from-tiles';
import { formatNote, parseNote, verifyNote } from '../../lambdas/core/transparency/signed-note';
import { formatVerifierKey, parseVerifierKey } from '../../lambdas/core/transparency/verifier-key';
import { EMPTY_TREE, extend, storedLog } from '../unit/transparency/stored-log';
import { testSigner } from '../doubles/transparency/test-signer';

/** Made by Go's golang.org/x/mod/sumdb (test/transparency), which `npm run test:sumdb` runs again. */
interface Vectors {
  readonly keys: readonly {
    readonly name: string;
    readonly type: 1 | 4;
    readonly seed_hex: string;
    readonly vkey: string;
  }[];
  readonly trees: readonly { readonly size: number; readonly root: string }[];
  readonly inclusion: readonly { readonly size: number; readonly index: number; readonly hashes: readonly string[] }[];
  readonly consistency: readonly {
    readonly older: number;
    readonly size: number;
    readonly hashes: readonly string[];
  }[];
  readonly tiles: readonly { readonly path: string; readonly sha256: string }[];
  readonly checkpoint: string;
  readonly proof: string;
  readonly notes: readonly { readonly comment: string; readonly note: string; readonly verified: readonly string[] }[];
}

const vectors = JSON.parse(readFileSync(join(ROOT, 'docs/vectors/tlog.json'), 'utf8')) as Vectors;
const entry = (index: number): Buffer => Buffer.from(`entry ${index}`);
const roots = new Map(vectors.trees.map(({ size, root }) => [size, root]));
const sizes = vectors.trees.map(({ size }) => size);
const LARGEST = Math.max(...sizes);

const log = storedLog();
const trees = new Map<number, Tree>();

beforeAll(async () => {
  const wanted = new Set([...sizes, ...vectors.inclusion.map(({ size }) => size)]);
  for (const { older, size } of vectors.consistency) wanted.add(older).add(size);
  let tree = EMPTY_TREE;
  for (const size of [...wanted].toSorted((a, b) => a - b)) {
    const added = Array.from({ length: size - tree.size }, (_, at) => entry(tree.size + at));
    tree = await extend(log, tree, added);
    trees.set(size, tree);
  }
});

const treeAt = (size: number): Tree => trees.get(size)!;
const texts = (hashes: readonly Buffer[] | undefined) => hashes?.map((each) => each.toString('base64'));

test('roots of trees that grew', () => {
  expect(sizes.map((size) => treeAt(size).root.toString('base64'))).toEqual([...roots.values()]);
});

test('every tile', () => {
  const ours = vectors.tiles.map(({ path }) => ({ path, sha256: hash('sha256', log.objects.get(path)!, 'hex') }));
  expect(ours).toEqual(vectors.tiles);
});

test.each(vectors.inclusion)('inclusion of $index in $size', async ({ size, index, hashes }) => {
  const { value } = await proveInclusion({ source: log, size: LARGEST }, treeAt(size), index);
  expect(texts(value?.hashes)).toEqual(hashes);
  const theirs = hashes.map((each) => Buffer.from(each, 'base64'));
  expect(verifyInclusion(leafHash(entry(index)), index, treeAt(size), theirs)).toBe(true);
});

test.each(vectors.consistency)('consistency of $older with $size', async ({ older, size, hashes }) => {
  const { value } = await proveConsistency({ source: log, size: LARGEST }, treeAt(older), treeAt(size));
  expect(texts(value)).toEqual(hashes);
  const theirs = hashes.map((each) => Buffer.from(each, 'base64'));
  expect(verifyConsistency(treeAt(older), treeAt(size), theirs)).toBe(true);
});

const signers = vectors.keys.map(({ name, type }) => testSigner(name, type === 1 ? 'ed25519' : 'cosignature'));

test('keys', () => {
  expect(signers.map(({ key }) => formatVerifierKey(key))).toEqual(vectors.keys.map(({ vkey }) => vkey));
  for (const { vkey } of vectors.keys) expect(parseVerifierKey(vkey).fault).toBeUndefined();
});

test('a checkpoint that both write alike, with a signature and two cosignatures', () => {
  const note = parseNote(Buffer.from(vectors.checkpoint)).value!;
  const verified = verifyNote(
    note,
    signers.map(({ key }) => key),
  ).value!;
  const { text } = note;
  expect(parseCheckpoint(text)).toEqual({
    value: { origin: vectors.keys[0]!.name, ...treeAt(LARGEST), extensions: [] },
  });
  const own = formatCheckpoint({ origin: vectors.keys[0]!.name, ...treeAt(LARGEST), extensions: [] });
  const signatures = signers.map((signer, at) => signer.sign(own, verified[at]!.time));
  expect(formatNote({ text: own, signatures }).toString('utf8')).toBe(vectors.checkpoint);
});

test('a proof that both write alike', async () => {
  const { value: proof } = parseLogProof(Buffer.from(vectors.proof));
  const { index, hashes, extra } = proof!;
  expect(verifyInclusion(leafHash(entry(index)), index, treeAt(LARGEST), hashes)).toBe(true);
  const own = await proveInclusion({ source: log, size: LARGEST }, treeAt(LARGEST), index);
  const written = formatLogProof({ extra: extra!, index, ...own.value!, checkpoint: Buffer.from(vectors.checkpoint) });
  expect(written.toString('utf8')).toBe(vectors.proof);
});

test.each(vectors.notes)('the verdict on a note: $comment', ({ note, verified }) => {
  const parsed = parseNote(Buffer.from(note, 'utf8'));
  const keys = signers.map(({ key }) => key);
  const opened = parsed.value === undefined ? [] : (verifyNote(parsed.value, keys).value ?? []);
  expect([...new Set(opened.map(({ key }) => key.name))]).toEqual(verified);
});

test('paths of tiles are those of the specification', () => {
  expect(vectors.tiles.map(({ path }) => path)).toContain(tilePath({ level: 0, index: 273, width: 112 }));
});
