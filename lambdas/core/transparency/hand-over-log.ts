import type { RangePlan } from './decide-range';
import { handOverPath } from './follow-hand-overs';
import { formatKeyHandOver, type KeyHandOver } from './key-hand-over';
import type { Checked } from './log-fault';
import { formatLogProof } from './log-proof';
import { leafHash } from './merkle-hash';
import type { Tree } from './merkle-proof';
import type { LogFiles } from './ports/log-files';
import { proveInclusion } from './prove-from-tiles';
import type { PublisherState } from './publisher-state';
import type { SigningPair } from './signing-pair';
import { isSameKey } from './verifier-key';

/** Before every hour that an archive has. */
const BEFORE_ALL = '1970-01-01T00';

/** Plans a range that only hands over from one pair of keys to another: the log's key first, then its cosigner's. */
export const planHandOver = (state: PublisherState | undefined, from: SigningPair, to: SigningPair): RangePlan => ({
  range: (state?.range ?? 0) + 1,
  objects: [],
  from: state?.from ?? BEFORE_ALL,
  used: state?.used ?? [],
  handOver: [
    { from: from.log.key, to: to.log.key },
    { from: from.cosigner.key, to: to.cosigner.key },
  ],
});

/** The pair to which a decision hands over; undefined for keys that are not of `pairs`. */
export function heirOf(handOver: readonly KeyHandOver[], pairs: readonly SigningPair[]): SigningPair | undefined {
  return pairs.find(({ log, cosigner }) =>
    handOver.every(({ to }) => isSameKey(log.key, to) || isSameKey(cosigner.key, to)),
  );
}

/** The proof of a hand-over, to be stored at its path. */
export interface HandOverProof {
  readonly path: string;
  readonly bytes: Buffer;
}

/**
 * Proves that the tree of a decision ends with its hand-overs.
 *
 * @param checkpoint of that tree, signed by the old keys
 * @returns `entry_mismatch` if something else stands at their places
 */
export async function proveHandOvers(
  source: Pick<LogFiles, 'read'>,
  { tree, handOver = [] }: { readonly tree: Tree; readonly handOver?: readonly KeyHandOver[] },
  checkpoint: Buffer,
): Promise<Checked<readonly HandOverProof[]>> {
  const proofs: HandOverProof[] = [];
  for (const [at, each] of handOver.entries()) {
    const index = tree.size - handOver.length + at;
    const proved = await proveInclusion({ source, size: tree.size }, tree, index);
    if (proved.fault !== undefined) return proved;
    const { leaf, hashes } = proved.value;
    if (!leaf.equals(leafHash(formatKeyHandOver(each)))) return { fault: 'entry_mismatch' };
    proofs.push({ path: handOverPath(index), bytes: formatLogProof({ index, hashes, checkpoint }) });
  }
  return { value: proofs };
}
