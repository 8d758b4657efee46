import type { Checked } from './log-fault';
import { parseLogProof } from './log-proof';
import { leafHash } from './merkle-hash';
import { verifyInclusion } from './merkle-proof';
import { openCheckpoint, type OpenedCheckpoint } from './open-checkpoint';
import type { TrustPolicy } from './trust-policy';

/** A proof that holds: the entry stands at this place in the log of this checkpoint. */
export interface VerifiedProof extends OpenedCheckpoint {
  readonly index: number;
}

/** Verifies a text of tlog-proof for an entry, without the log. */
export function verifyLogProof(bytes: Buffer, entry: Buffer, policy: TrustPolicy): Checked<VerifiedProof> {
  const proof = parseLogProof(bytes);
  if (proof.fault !== undefined) return proof;
  const opened = openCheckpoint(proof.value.checkpoint, policy);
  if (opened.fault !== undefined) return opened;
  const { index, hashes } = proof.value;
  return verifyInclusion(leafHash(entry), index, opened.value.checkpoint, hashes)
    ? { value: { ...opened.value, index } }
    : { fault: 'proof_mismatch' };
}
