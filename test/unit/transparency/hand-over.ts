import { formatCheckpoint } from '../../../lambdas/core/transparency/checkpoint';
import { handOverPath } from '../../../lambdas/core/transparency/follow-hand-overs';
import { formatKeyHandOver } from '../../../lambdas/core/transparency/key-hand-over';
import { formatLogKeys, KEYS_PATH } from '../../../lambdas/core/transparency/log-keys';
import { formatLogProof } from '../../../lambdas/core/transparency/log-proof';
import { openCheckpoint } from '../../../lambdas/core/transparency/open-checkpoint';
import { proveInclusion } from '../../../lambdas/core/transparency/prove-from-tiles';
import { formatNote } from '../../../lambdas/core/transparency/signed-note';
import { signState } from '../../../lambdas/core/transparency/signed-state';
import type { TestSigner } from '../../doubles/transparency/test-signer';
import type { Stored } from './attacked-log';
import { COSIGNER, LOG_KEY, policyOf } from './audit-world';
import { ORIGIN } from './publisher-world';
import { extend, storedLog } from './stored-log';

/** What a hand-over changes. */
interface HandedOver {
  readonly log: Pick<Stored, 'store' | 'values'> & { readonly now: number };
  readonly others: Map<string, Buffer>;
}

/**
 * Hands a log over to another key: an entry that says so, a proof of it in a checkpoint that `signer` signed, then a checkpoint and
 * a state of the new key. @returns the path of the proof
 */
export async function handOver(world: HandedOver, to: TestSigner, signer: TestSigner = LOG_KEY): Promise<string> {
  const { store, values } = world.log;
  const old = openCheckpoint(values.checkpoint!.bytes, policyOf(LOG_KEY, COSIGNER)).value!.checkpoint;
  const log = storedLog(store);
  const tree = await extend(log, old, [formatKeyHandOver({ from: LOG_KEY.key, to: to.key })]);
  const text = formatCheckpoint({ ...tree, origin: ORIGIN, extensions: [] });
  const time = Math.floor(world.log.now / 1000);
  const note = (by: TestSigner) => formatNote({ text, signatures: [by.sign(text), COSIGNER.sign(text, time)] });
  const { hashes } = (await proveInclusion({ source: log, size: tree.size }, tree, old.size)).value!;
  const path = handOverPath(old.size);
  world.others.set(path, formatLogProof({ index: old.size, hashes, checkpoint: note(signer) }));
  world.others.set(KEYS_PATH, formatLogKeys({ log: to.key, cosigner: COSIGNER.key }));
  const state = { range: 9, previous: old, tree, objects: [], from: '2026-11-27T12', used: [] };
  const sign = async (message: Buffer): Promise<Buffer> => to.signMessage(message);
  values.state = { bytes: await signState(state, { key: to.key, sign }), tag: 'handed over' };
  values.checkpoint = { bytes: note(to), tag: 'handed over' };
  return path;
}
