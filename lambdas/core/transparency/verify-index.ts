import { MINUTE_MS } from '../contract/time-units';
import { mapConcurrently } from '../ports/map-concurrently';
import type { AuditFindings } from './audit-finding';
import { ENTRY, type EntryTable } from './entry-table';
import { indexPrefix, parseIndexPath, readIndexRecords } from './event-index';
import type { LogFiles } from './ports/log-files';

/** Index objects that are read at once. */
const READ_AHEAD = 16;
const NO_RECORDS = Buffer.alloc(0);

export interface VerifyIndexInput {
  readonly files: LogFiles;
  /** The paths below `index/`, listed after checkpoint and state were read. */
  readonly paths: readonly string[];
  readonly entries: EntryTable;
  /** Entries of the checkpoint. */
  readonly size: number;
  /**
   * Entries of the publisher's last decision, whose checkpoint may not be written yet: an index object is written after it. Asked
   * for only where an object has places above the checkpoint's.
   */
  readonly decided: () => Promise<number>;
}

/** What the index tells beside its own faults. */
export interface VerifiedIndex {
  /** Records whose id stands at another place of the log, and records whose id is not in it. */
  readonly moved: number;
  readonly unknown: number;
}

/**
 * Compares every record of the index with the entries, and notes which entries it has, and of which minute. An object with a record
 * that does not fit is reported once.
 *
 * @param isHashed whether the entries are those of the checkpoint: else a record that does not fit says nothing about the index
 */
export async function verifyIndex(
  { files, paths, entries, size, decided }: VerifyIndexInput,
  isHashed: boolean,
  findings: Pick<AuditFindings, 'add'>,
): Promise<VerifiedIndex> {
  let [moved, unknown] = [0, 0];
  let decidedNow: Promise<number> | undefined;
  const sorted = paths.toSorted();
  for (let first = 0; first < sorted.length; first += READ_AHEAD) {
    const some = sorted.slice(first, first + READ_AHEAD);
    const read = await mapConcurrently(some, READ_AHEAD, async (path) => {
      const parsed = parseIndexPath(path);
      // What is no path of a log is not read: an API refuses to.
      return { path, parsed, bytes: parsed === undefined ? NO_RECORDS : await files.read(path) };
    });
    for (const { path, parsed, bytes } of read) {
      if (bytes === undefined) {
        findings.add({ kind: 'missing', fault: 'index_missing', path });
        continue;
      }
      const records = readIndexRecords(bytes);
      if (parsed === undefined || records === undefined) {
        findings.add({ kind: 'edited', fault: 'index_form', path });
        continue;
      }
      let isWrong = false;
      for (const { id, place } of records) {
        if (place >= size) {
          isWrong ||= place >= (await (decidedNow ??= decided()));
        } else if (entries.has(place, ENTRY.event)) {
          if (entries.idAt(place) === id.toString('hex') && !entries.has(place, ENTRY.indexed)) {
            entries.set(place, ENTRY.indexed);
            entries.setMinute(place, parsed.minute);
          } else {
            isWrong = true;
            if (entries.placeOf(id) === undefined) unknown += 1;
            else moved += 1;
          }
        } else if (entries.has(place, ENTRY.handOver)) {
          isWrong = true;
        } else {
          entries.addUnread(id, place);
        }
      }
      if (isWrong && isHashed) findings.add({ kind: 'edited', fault: 'index_mismatch', path });
    }
  }
  return { moved, unknown };
}

/** Reports the minutes of entries that no index object has, each once. */
export function reportUnindexed(entries: EntryTable, size: number, findings: Pick<AuditFindings, 'add'>): void {
  const reported = new Set<number>();
  for (let place = 0; place < size; place += 1) {
    if (!entries.has(place, ENTRY.event) || entries.has(place, ENTRY.indexed)) continue;
    const time = entries.has(place, ENTRY.fits) ? entries.lineAt(place).time : entries.timeAt(place);
    const minute = Math.floor(time / MINUTE_MS);
    if (reported.has(minute)) continue;
    reported.add(minute);
    findings.add({
      kind: 'missing',
      fault: 'index_missing',
      ...(Number.isFinite(minute) && { path: indexPrefix(minute) }),
      id: entries.idAt(place),
      place,
    });
  }
}
