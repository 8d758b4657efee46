import type { AuditFindings } from './audit-finding';
import type { Tree } from './merkle-proof';
import type { LogFiles } from './ports/log-files';
import type { LogHead } from './read-log-head';
import { readRightEdge } from './right-edge';

/** A checkpoint that was verified before, or that a witness keeps. */
export interface SeenCheckpoint extends Tree {
  /** When the quorum of that time had cosigned it, in seconds since 1970. */
  readonly cosignedAt?: number;
}

/** When a checkpoint was cosigned as the policy asks, in seconds since 1970: the log had nothing newer then. Undefined if nobody says. */
export function cosignedAt({ witnessedAt, cosigned }: Pick<LogHead, 'witnessedAt' | 'cosigned'>): number | undefined {
  if (witnessedAt !== Infinity) return witnessedAt;
  return cosigned.size === 0 ? undefined : Math.max(...cosigned.values());
}

const PATH = 'checkpoint';

/**
 * Compares a checkpoint with those seen before: it must be no smaller and, where it is the same, cosigned no earlier. Whether it
 * continues smaller ones is told by the entries.
 *
 * @param oldest the time, in milliseconds since 1970, before which nobody may have cosigned it last; undefined: at any time
 */
export async function checkSeen(
  files: LogFiles,
  head: LogHead,
  { seen, oldest }: { readonly seen: readonly SeenCheckpoint[]; readonly oldest: number | undefined },
  findings: Pick<AuditFindings, 'add'>,
): Promise<void> {
  const { checkpoint } = head;
  const time = cosignedAt(head);
  let isOlder = false;
  for (const each of seen) {
    const { size } = each;
    if (size > checkpoint.size) {
      isOlder = true;
      // Whoever puts a checkpoint back may leave what stood under the newer one.
      const isStored = (await readRightEdge(files, each)).fault === undefined;
      findings.add({ kind: isStored ? 'replayed' : 'truncated', fault: 'checkpoint_older', path: PATH, size });
    } else if (
      size === checkpoint.size &&
      each.cosignedAt !== undefined &&
      time !== undefined &&
      time < each.cosignedAt
    ) {
      isOlder = true;
      findings.add({ kind: 'replayed', fault: 'checkpoint_older', path: PATH, size });
    }
  }
  if (!isOlder && oldest !== undefined && time !== undefined && time * 1000 < oldest) {
    findings.add({ kind: 'replayed', fault: 'checkpoint_stale', path: PATH });
  }
}
