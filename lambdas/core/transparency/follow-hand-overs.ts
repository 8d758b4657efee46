import { parseCheckpoint } from './checkpoint';
import { followHandOver } from './follow-hand-over';
import type { Checked, LogFault } from './log-fault';
import { parseLogProof } from './log-proof';
import { TILE_WIDTH } from './log-tile';
import type { LogFiles } from './ports/log-files';
import { readBundle } from './read-bundle';
import type { TrustPolicy } from './trust-policy';

const PREFIX = 'hand-over/';
const PLACE_DIGITS = 12;
const PATH = /^hand-over\/[0-9]{12}$/;

/** Where the proof of a hand-over is, by the place of its entry: a text of tlog-proof with a checkpoint that the old key signed. */
export const handOverPath = (place: number): string => `${PREFIX}${String(place).padStart(PLACE_DIGITS, '0')}`;

/** A policy after the hand-overs that its keys made, and those that were refused. */
export interface FollowedHandOvers {
  readonly policy: TrustPolicy;
  /** Places of the entries that were followed. */
  readonly followed: ReadonlySet<number>;
  readonly refused: readonly { readonly path: string; readonly fault: LogFault }[];
}

/** Follows all hand-overs of a log, in the order of their entries: a new key may hand over again. */
export async function followHandOvers(files: LogFiles, policy: TrustPolicy): Promise<FollowedHandOvers> {
  let known = policy;
  const followed = new Set<number>();
  const refused: { path: string; fault: LogFault }[] = [];
  for (const path of (await files.list(PREFIX)).toSorted()) {
    const next = await follow(files, path, known);
    if (next.fault === undefined) {
      known = next.value.policy;
      followed.add(next.value.place);
    } else {
      refused.push({ path, fault: next.fault });
    }
  }
  return { policy: known, followed, refused };
}

async function follow(
  files: LogFiles,
  path: string,
  policy: TrustPolicy,
): Promise<Checked<{ readonly policy: TrustPolicy; readonly place: number }>> {
  // What is no path of a hand-over is not read: an API refuses to.
  if (!PATH.test(path)) return { fault: 'proof_index' };
  const bytes = (await files.read(path)) ?? Buffer.alloc(0);
  const proof = parseLogProof(bytes);
  if (proof.fault !== undefined) return proof;
  const checkpoint = parseCheckpoint(proof.value.note.text);
  if (checkpoint.fault !== undefined) return checkpoint;
  const { index: place } = proof.value;
  const { size } = checkpoint.value;
  if (place >= size || path !== handOverPath(place)) return { fault: 'proof_index' };
  const index = Math.floor(place / TILE_WIDTH);
  const bundle = await readBundle(files, { index, width: Math.min(TILE_WIDTH, size - index * TILE_WIDTH) });
  if (bundle.fault !== undefined) return bundle;
  const handedOver = followHandOver(bytes, bundle.value[place % TILE_WIDTH] as Buffer, policy);
  return handedOver.fault === undefined ? { value: { policy: handedOver.value, place } } : handedOver;
}
