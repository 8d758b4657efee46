import { parseCheckpoint } from './checkpoint';
import { followHandOver } from './follow-hand-over';
import { parseKeyHandOver, type KeyHandOver } from './key-hand-over';
import type { Checked, LogFault } from './log-fault';
import { parseLogProof } from './log-proof';
import { TILE_WIDTH } from './log-tile';
import type { LogFiles } from './ports/log-files';
import { readBundle } from './read-bundle';
import type { TrustPolicy } from './trust-policy';
import { isSameKey, type VerifierKey } from './verifier-key';

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

interface Refused {
  readonly path: string;
  readonly fault: LogFault;
  readonly found?: FoundHandOver;
}

/**
 * Follows all hand-overs of a log, in the order of their entries: a new key may hand over again. A policy that was made later does
 * not have the old keys: a hand-over to a key of the policy, or to one that such a hand-over came from, is of the time before it. It
 * lets nobody sign, and its entry stands in the log as any other.
 */
export async function followHandOvers(files: LogFiles, policy: TrustPolicy): Promise<FollowedHandOvers> {
  let known = policy;
  const followed = new Set<number>();
  const refused: Refused[] = [];
  for (const path of (await files.list(PREFIX)).toSorted()) {
    const found = await find(files, path);
    if (found.fault !== undefined) {
      refused.push({ path, fault: found.fault });
      continue;
    }
    const next = followHandOver(found.value.proof, found.value.entry, known);
    if (next.fault === undefined) {
      known = next.value;
      followed.add(found.value.place);
    } else {
      refused.push({ path, fault: next.fault, found: found.value });
    }
  }
  const later = [...known.logs, ...[...known.witnesses.values()].flatMap(({ keys }) => keys)].map(({ key }) => key);
  const isLater = (key: VerifierKey): boolean => later.some((each) => isSameKey(each, key));
  const left: Refused[] = [];
  for (const each of refused.toReversed()) {
    const { found } = each;
    if (found !== undefined && isLater(found.handOver.to)) {
      later.push(found.handOver.from);
      followed.add(found.place);
    } else {
      left.unshift(each);
    }
  }
  return { policy: known, followed, refused: left.map(({ path, fault }) => ({ path, fault })) };
}

interface FoundHandOver {
  readonly place: number;
  readonly entry: Buffer;
  readonly handOver: KeyHandOver;
  readonly proof: Buffer;
}

/** Reads a proof and the entry at its place, of which nobody knows yet who vouches for it. */
async function find(files: LogFiles, path: string): Promise<Checked<FoundHandOver>> {
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
  const entry = bundle.value[place % TILE_WIDTH] as Buffer;
  const handOver = parseKeyHandOver(entry);
  return handOver.fault === undefined ? { value: { place, entry, handOver: handOver.value, proof: bytes } } : handOver;
}
