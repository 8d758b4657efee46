import type { AuditFindingKind, AuditFindings } from './audit-finding';
import { ENTRY, type EntryTable } from './entry-table';
import { parseEntry } from './log-entry';
import { parseTilePath, TILE_WIDTH } from './log-tile';
import type { Tree } from './merkle-proof';
import type { LogFiles } from './ports/log-files';
import { proveConsistency } from './prove-from-tiles';
import type { LogHead } from './read-log-head';
import { verifyLog, type LogFinding } from './verify-log';

/** What the stored entries are: those of the checkpoint, others, or so few that nobody can tell. */
type TreeOutcome = 'same' | 'other' | 'incomplete';

export interface VerifiedTree {
  readonly outcome: TreeOutcome;
  /** For other entries: the root, and the bundles that differ from the stored hashes. Not reported yet. */
  readonly differing: readonly LogFinding[];
}

/** Entries between two calls of `onEntries`. */
const PROGRESS = 16_384;

/**
 * Reads all entries into a table, hashes them, and reports what does not lead to the roots of the checkpoint and of the trees that
 * it must continue.
 */
export async function verifyTree(
  { files, head, older }: { readonly files: LogFiles; readonly head: LogHead; readonly older: readonly Tree[] },
  entries: EntryTable,
  findings: AuditFindings,
  onEntries: (done: number) => void,
): Promise<VerifiedTree> {
  const { checkpoint, handOvers } = head;
  const visit = (bytes: Buffer, place: number): void => {
    const { value, fault } = parseEntry(bytes);
    if (value !== undefined && 'event' in value) {
      if (!entries.add(value.event, place)) {
        entries.set(place, ENTRY.reported);
        findings.add({ kind: 'replayed', fault: 'entry_twice', id: value.event.id, place });
      }
    } else {
      entries.addOther(place);
      if (fault !== undefined) findings.add({ kind: 'edited', fault, place });
      else if (!handOvers.followed.has(place)) findings.add({ kind: 'missing', fault: 'hand_over_proof', place });
    }
    if (place % PROGRESS === 0) onEntries(place);
  };
  const found = await verifyLog(files, checkpoint, visit, older);
  const bundles = new Map(found.map((each) => [each, bundleOf(each)] as const).filter(([, index]) => index >= 0));
  const isOther = found.some(({ fault }) => fault === 'root_mismatch');
  if (isOther) return { outcome: 'other', differing: found };
  const cutAt = firstOfEnd(bundles, checkpoint.size);
  for (const each of found) {
    const index = bundleOf(each);
    // One finding for the whole end.
    if (index > cutAt) continue;
    findings.add({ kind: index === cutAt ? 'truncated' : kindOf(each), ...each });
  }
  if (bundles.size === 0) return { outcome: 'same', differing: [] };
  // The entries cannot be hashed to older roots, but the stored hashes may lead there.
  for (const tree of older.filter(({ size }) => size <= checkpoint.size)) {
    const proof = await proveConsistency({ source: files, size: checkpoint.size }, tree, checkpoint);
    if (proof.fault === 'proof_mismatch') {
      findings.add({ kind: 'forked', fault: 'history_mismatch', size: tree.size });
    }
  }
  return { outcome: 'incomplete', differing: [] };
}

/** The index of the bundle that a finding is about; -1 if it is about none. */
function bundleOf({ path }: LogFinding): number {
  const tile = path === undefined ? undefined : parseTilePath(path).value;
  return tile?.level === 'entries' ? tile.index : -1;
}

/** The first of the bundles without which the log ends too early; Infinity if its last one is there. */
function firstOfEnd(bundles: ReadonlyMap<LogFinding, number>, size: number): number {
  const lost = new Set([...bundles].filter(([{ fault }]) => fault === 'tile_missing').map(([, index]) => index));
  const end = Math.ceil(size / TILE_WIDTH);
  let first = end;
  while (lost.has(first - 1)) first -= 1;
  return first === end ? Infinity : first;
}

function kindOf({ fault }: LogFinding): AuditFindingKind {
  if (fault === 'history_mismatch') return 'forked';
  return fault === 'tile_missing' ? 'missing' : 'edited';
}
