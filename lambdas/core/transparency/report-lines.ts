import { HOUR_MS } from '../contract/time-units';
import { archivePath } from './archive-path';
import type { AuditFindings } from './audit-finding';
import { ENTRY, type EntryTable } from './entry-table';
import type { LogFiles } from './ports/log-files';
import type { PublisherState } from './publisher-state';

/** Entries that have their archived line, and those whose line is not kept any more. */
export interface LineCounts {
  readonly entries: number;
  readonly expired: number;
}

/**
 * Reports entries of a period that have no archived line.
 *
 * @param period times in milliseconds since 1970; before its beginning nothing needs to be kept
 */
export function reportLines(
  entries: EntryTable,
  { size, from, to }: { readonly size: number; readonly from: number; readonly to: number },
  findings: AuditFindings,
): LineCounts {
  let [count, expired] = [0, 0];
  for (let place = 0; place < size; place += 1) {
    if (!entries.has(place, ENTRY.event)) continue;
    if (entries.has(place, ENTRY.fits)) {
      count += 1;
      continue;
    }
    if (entries.has(place, ENTRY.reported)) continue;
    const time = entries.timeAt(place);
    if (time < from || time > to) {
      expired += 1;
      continue;
    }
    const timestamp = Number.isFinite(time) ? new Date(time).toISOString() : undefined;
    findings.add({
      kind: 'missing',
      fault: 'line_missing',
      id: entries.idAt(place),
      place,
      ...(timestamp !== undefined && { timestamp }),
    });
  }
  return { entries: count, expired };
}

/** Reports archive objects from which the publisher has made the log, as it signed, and which are gone. */
export async function reportLostObjects(
  files: LogFiles,
  { objects, used }: PublisherState,
  { paths, from }: { readonly paths: readonly string[]; readonly from: number },
  findings: Pick<AuditFindings, 'add'>,
): Promise<void> {
  const listed = new Set(paths);
  const named = [...objects, ...used].filter(({ hour }) => Date.parse(`${hour}:00:00.000Z`) + HOUR_MS > from);
  for (const path of new Set(named.map(archivePath))) {
    // A journal that grows lists its last object as it stands, and has the ones before still.
    if (listed.has(path) || (await files.read(path)) !== undefined) continue;
    findings.add({ kind: 'missing', fault: 'archive_missing', path });
  }
}
