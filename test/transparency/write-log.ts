import { formatCheckpoint } from '../../lambdas/core/transparency/checkpoint';
import { formatLogProof } from '../../lambdas/core/transparency/log-proof';
import type { Tree } from '../../lambdas/core/transparency/merkle-proof';
import { proveConsistency, proveInclusion } from '../../lambdas/core/transparency/prove-from-tiles';
import { formatNote } from '../../lambdas/core/transparency/signed-note';
import { formatVerifierKey } from '../../lambdas/core/transparency/verifier-key';
import { EMPTY_TREE, extend, storedLog } from '../unit/transparency/stored-log';
import { testSigner } from '../doubles/transparency/test-signer';

const ORIGIN = '123456789012/keyward/prod/eu-west-1';
const SIZES = [1, 255, 256, 300, 65_536, 65_999];
const SIZE = 66_100;
const INDEXES = [0, 1, 255, 256, 39_936, 65_535, 65_536, 66_098, 66_099];

/** A log as we write it, with its checkpoint and proofs, and places in its files where a changed bit must not go unnoticed. */
export async function writeLog(): Promise<{
  readonly files: ReadonlyMap<string, Buffer>;
  readonly damages: readonly (readonly [path: string, at: number])[];
}> {
  const entry = (index: number): Buffer => Buffer.from(`an entry of ours ${index} ${'x'.repeat(index % 60)}`);
  const log = storedLog();
  const trees: Tree[] = [];
  for (const size of [...SIZES, SIZE]) {
    const before = trees.at(-1) ?? EMPTY_TREE;
    trees.push(
      await extend(
        log,
        before,
        Array.from({ length: size - before.size }, (_, at) => entry(before.size + at)),
      ),
    );
  }
  const tree = trees.at(-1) as Tree;
  const stored = { source: log, size: SIZE };
  const signers = [testSigner(ORIGIN), testSigner(`${ORIGIN}/cosigner`, 'cosignature'), testSigner('w', 'cosignature')];
  const text = formatCheckpoint({ origin: ORIGIN, ...tree, extensions: [] });
  const checkpoint = formatNote({ text, signatures: signers.map((signer) => signer.sign(text)) });
  const proofs = INDEXES.map(async (index) => {
    const proved = await proveInclusion(stored, tree, index);
    if (proved.fault !== undefined) throw new Error(proved.fault);
    const proof = formatLogProof({ extra: Buffer.alloc(32, index), index, hashes: proved.value.hashes, checkpoint });
    return { entry: entry(index).toString('utf8'), proof: proof.toString('utf8') };
  });
  const older = trees.slice(0, -1).map(async ({ size, root }) => {
    const proved = await proveConsistency(stored, { size, root }, tree);
    if (proved.fault !== undefined) throw new Error(proved.fault);
    return { size, root: root.toString('base64'), hashes: proved.value.map((hash) => hash.toString('base64')) };
  });
  const description = {
    vkeys: signers.map(({ key }) => formatVerifierKey(key)),
    origin: ORIGIN,
    indexes: INDEXES,
    older: await Promise.all(older),
    proofs: await Promise.all(proofs),
  };
  const files = new Map(log.objects);
  files.set('checkpoint', checkpoint);
  files.set('log.json', Buffer.from(JSON.stringify(description)));
  return {
    files,
    damages: [
      ...Array.from(checkpoint, (_, at) => ['checkpoint', at] as const),
      ['tile/0/000', 0],
      ['tile/0/000', 8191],
      ['tile/0/156', 700],
      ['tile/0/258.p/52', 52 * 32 - 1],
      ['tile/1/000', 3],
      ['tile/1/001.p/2', 40],
      ['tile/2/000.p/1', 31],
      ['tile/entries/000', 2],
      ['tile/entries/156', 10],
    ],
  };
}
