import { isEntryOf, parseEntry } from '../../../lambdas/core/transparency/log-entry';
import { verifyConsistency, type Tree } from '../../../lambdas/core/transparency/merkle-proof';
import { openCheckpoint } from '../../../lambdas/core/transparency/open-checkpoint';
import { parseTrustPolicy } from '../../../lambdas/core/transparency/parse-trust-policy';
import { proveConsistency } from '../../../lambdas/core/transparency/prove-from-tiles';
import type { TrustPolicy } from '../../../lambdas/core/transparency/trust-policy';
import { formatVerifierKey, type VerifierKey } from '../../../lambdas/core/transparency/verifier-key';
import { verifyLog } from '../../../lambdas/core/transparency/verify-log';
import { readArchivedLine } from '../../../lambdas/core/transparency/archived-line';
import { ORIGIN, type PublisherWorld } from './publisher-world';
import { storedLog } from './stored-log';
import { testSigner } from '../../doubles/transparency/test-signer';

/** A policy that asks for the signature of a log and for its own cosignature. */
export const policyOf = (log: VerifierKey, cosigner: VerifierKey): TrustPolicy =>
  parseTrustPolicy(
    Buffer.from(`log ${formatVerifierKey(log)}\nwitness own ${formatVerifierKey(cosigner)}\nquorum own\n`),
  ).value!;

const POLICY = policyOf(testSigner(ORIGIN).key, testSigner(`${ORIGIN}/cosigner`, 'cosignature').key);

/** Opens a log as an auditor does. @returns the ids of its events in their order; throws for whatever does not fit */
export async function auditLog(
  world: Pick<PublisherWorld, 'checkpoints' | 'store'>,
  lines: readonly string[],
  policy = POLICY,
): Promise<readonly string[]> {
  const trees: (Tree & { readonly at: number })[] = world.checkpoints.map((bytes) => {
    const opened = openCheckpoint(bytes, policy);
    if (opened.fault !== undefined) throw new Error(opened.fault);
    return { ...opened.value.checkpoint, at: opened.value.witnessedAt };
  });
  const tree = trees.at(-1);
  if (tree === undefined) return [];
  const log = storedLog(world.store);
  for (const [at, older] of trees.entries()) {
    const proof = await proveConsistency({ source: log, size: tree.size }, older, tree);
    if (proof.fault !== undefined || !verifyConsistency(older, tree, proof.value)) throw new Error(`fork at ${at}`);
    const before = trees[at - 1];
    if (before && (before.size > older.size || before.at > older.at)) throw new Error(`checkpoint ${at} goes back`);
  }
  const byId = new Map(lines.map((line) => [readArchivedLine(Buffer.from(line))!.id, line]));
  const ids: string[] = [];
  const findings = await verifyLog(log, tree, (bytes) => {
    const entry = parseEntry(bytes).value;
    if (entry === undefined || !('event' in entry)) throw new Error('no entry of an event');
    const line = Buffer.from(byId.get(entry.event.id) ?? '');
    const event = readArchivedLine(line);
    if (event === undefined || !isEntryOf(entry.event, { ...event, line }))
      throw new Error('an entry without its line');
    ids.push(entry.event.id);
  });
  if (findings.length > 0) throw new Error(JSON.stringify(findings));
  if (new Set(ids).size !== ids.length) throw new Error('an event is in the log twice');
  return ids;
}
