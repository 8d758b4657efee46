import type { AuditEvent } from '../../../../lambdas/core/audit/audit-event';
import type { Clock } from '../../../../lambdas/core/ports/clock';
import { openAuditJournal, type AuditJournal, type AuditJournalOptions } from '../../../../local/journal/audit-journal';
import { groupsIn } from '../../../../local/journal/block-groups';
import { parseEventLine } from '../../../../local/journal/event-line';
import { parseHeader } from '../../../../local/journal/journal-format';
import type { JournalFiles } from '../../../../local/journal/journal-files';
import type { SetAside } from '../../../../local/journal/recover-journal';
import { ownSegments, segmentFile } from '../../../../local/journal/segment-name';
import { AMPLE_MS } from '../../../ample-limits';

export const START = Date.UTC(2026, 10, 27, 10);

/** A clock that a test moves; sleeps end when the test says so. */
class HeldClock implements Clock {
  time = START;
  readonly sleepers: (() => void)[] = [];
  now(): number {
    return this.time;
  }
  sleep(): Promise<void> {
    return new Promise((resolve) => this.sleepers.push(resolve));
  }
  wake(): void {
    for (const resolve of this.sleepers.splice(0)) resolve();
  }
}

export interface OpenedJournal {
  readonly journal: AuditJournal;
  readonly clock: HeldClock;
  readonly failures: (string | undefined)[];
  readonly asides: SetAside[];
}

export async function openJournal(
  files: JournalFiles,
  options: Partial<AuditJournalOptions> = {},
): Promise<OpenedJournal> {
  const clock = new HeldClock();
  const failures: (string | undefined)[] = [];
  const asides: SetAside[] = [];
  const journal = await openAuditJournal({
    files,
    clock,
    deadlineMs: AMPLE_MS,
    onFailure: (name) => failures.push(name),
    onSetAside: (aside) => asides.push(aside),
    ...options,
  });
  return { journal, clock, failures, asides };
}

/** Events of whole groups, in the order in which they stand, and what is not as it was written. */
export async function readJournal(
  files: JournalFiles,
  end?: { readonly segment: string; readonly bytes: number },
): Promise<{ readonly events: AuditEvent[]; readonly faults: string[] }> {
  const events: AuditEvent[] = [];
  const faults: string[] = [];
  let chain: string | undefined;
  for (const { segment } of ownSegments(await files.list())) {
    if (end !== undefined && segment > end.segment) break;
    const size = await files.size(segmentFile(segment));
    const bytes = await files.read(segmentFile(segment), 0, segment === end?.segment ? end.bytes : size);
    const headerEnd = bytes.indexOf('\n');
    const header = parseHeader(bytes.toString('utf8', 0, headerEnd));
    if (header?.segment !== segment) faults.push(`${segment}: no header`);
    else if (chain !== undefined && header.previous !== chain) faults.push(`${segment}: does not follow`);
    chain = header?.previous;
    const groups = bytes.subarray(headerEnd + 1);
    for (const group of groupsIn(groups)) {
      if (!group.isIntact) faults.push(`${segment}: damage at ${group.start}`);
      else if (chain !== undefined && group.previous !== chain) faults.push(`${segment}: a gap at ${group.start}`);
      chain = group.hash;
      if (!group.isIntact) continue;
      for (const line of groups.toString('utf8', group.start, group.end).trimEnd().split('\n')) {
        const event = parseEventLine(line);
        if (event === undefined) faults.push(`${segment}: a line that is no event`);
        else events.push(event);
      }
    }
  }
  return { events, faults };
}
