import { hash } from 'node:crypto';
import { DAY_MS, HOUR_MS } from '../contract/time-units';
import { mapConcurrently } from '../ports/map-concurrently';
import { parseArchivePath } from './archive-path';
import { readArchivedEvent, type ArchivedEvent } from './archived-line';
import type { AuditFinding, AuditFindings } from './audit-finding';
import { ENTRY, type EntryTable } from './entry-table';
import { differingMembers, membersDigest } from './event-members';
import { isFromBeforeLog } from './from-before-log';
import { createIdTable } from './id-table';
import { linesOf } from './lines-of';
import type { LogFiles } from './ports/log-files';

/** Objects that are read at once. */
const READ_AHEAD = 4;
/** An event that was archived later than this after its time is backdated. */
const BACKDATED_AFTER_MS = DAY_MS;
/** An event that is older than this and in no log is expired. */
const PUBLISHED_WITHIN_MS = DAY_MS;

/** An object of the archive by its number, from 1 in the order of paths. */
interface NumberedObject {
  readonly number: number;
  readonly path: string;
  readonly sha256: string;
  /** Beginning of its hour, in milliseconds since 1970. */
  readonly hour: number;
}

export interface VerifyArchiveInput {
  readonly files: LogFiles;
  /** The paths below `archive/`. */
  readonly paths: readonly string[];
  readonly entries: EntryTable;
  /** The region whose events belong to the log. */
  readonly region: string;
  /** Only events from this time on are looked for, in milliseconds since 1970: older objects are not read. */
  readonly from: number;
  readonly to: number;
  readonly now: number;
  readonly onLines: (lines: number) => void;
}

/** What the archive has, beside what does not fit. */
export interface VerifiedArchive {
  readonly lines: number;
  /** Lines that are no event. */
  readonly malformed: number;
  /** Events of another region. */
  readonly foreign: number;
  /** Events from before the log, which were archived when it began. */
  readonly older: number;
  /** Whether the lines of an object stand in the log in another order. */
  readonly isReordered: boolean;
  /** Ids of archived events that are in no log: each was reported. */
  isReported(id: Buffer): boolean;
  /** The archived events of entries that have their line. Each object is read once; what is gone meanwhile is left out. */
  eventsAt(places: readonly number[]): Promise<ReadonlyMap<number, ArchivedEvent>>;
}

/** The age of an event that is in no log says which finding it is. */
export const unpublished = (
  event: { readonly id: string; readonly timestamp: string },
  now: number,
  path?: string,
): AuditFinding => ({
  kind: now - Date.parse(event.timestamp) > PUBLISHED_WITHIN_MS ? 'expired_unpublished' : 'not_yet_published',
  fault: 'unpublished',
  ...(path !== undefined && { path }),
  id: event.id,
  timestamp: event.timestamp,
});

/** Reads the archive, object by object, and finds the line of each entry. A few objects are in memory. */
export async function verifyArchive(input: VerifyArchiveInput, findings: AuditFindings): Promise<VerifiedArchive> {
  const { files, entries, region, from, to, now } = input;
  const all = input.paths.toSorted().flatMap((path, at): NumberedObject[] => {
    const object = parseArchivePath(path);
    const hour = Date.parse(`${object?.hour}:00:00.000Z`);
    return object === undefined || Number.isNaN(hour) ? [] : [{ number: at + 1, path, sha256: object.sha256, hour }];
  });
  const byNumber = new Map(all.map((object) => [object.number, object]));
  const firstHour = all[0]?.hour ?? 0;
  const counts = { lines: 0, malformed: 0, foreign: 0 };
  const reported = createIdTable();
  /** Of events whose id begins with their time. */
  const older: AuditFinding[] = [];
  let olderCount = 0;
  let isReordered = false;
  /** Objects with lines that could not be judged when they were read. */
  const again: NumberedObject[] = [];

  function checkTime({ id, timestamp }: ArchivedEvent, place: number, { path, hour }: NumberedObject): void {
    const time = Date.parse(timestamp);
    if (hour - time <= BACKDATED_AFTER_MS || time < from || time > to) return;
    const finding: AuditFinding = { kind: 'backdated', fault: 'line_late', path, id, place, timestamp };
    if (!isFromBeforeLog(time, hour, firstHour)) {
      findings.add(finding);
      return;
    }
    olderCount += 1;
    if (Number.parseInt(id.slice(0, 12), 16) === time && findings.hasRoom('backdated')) {
      older.push(finding);
    }
  }

  /** @returns whether the object has to be read again, when all lines that fit are known */
  function readLines(object: NumberedObject, bytes: Buffer): boolean {
    let last = -1;
    let isOpen = false;
    for (const line of linesOf(bytes)) {
      counts.lines += 1;
      const event = readArchivedEvent(line);
      if (event === undefined) {
        counts.malformed += 1;
        continue;
      }
      if (event.region !== region) {
        counts.foreign += 1;
        continue;
      }
      const id = Buffer.from(event.id, 'hex');
      const place = entries.placeOf(id);
      if (place === undefined) {
        const time = Date.parse(event.timestamp);
        if (time >= from && time <= to && reported.add(id, 0)) findings.add(unpublished(event, now, object.path));
      } else if (entries.has(place, ENTRY.fits)) {
        isOpen ||= !isKept(place, event);
      } else if (entries.has(place, ENTRY.event)) {
        if (!entries.isLineOf(place, event.nonce, line)) {
          isOpen = true;
          continue;
        }
        const time = Date.parse(event.timestamp);
        entries.keepLine(place, { digest: membersDigest(event.members), time, object: object.number });
        checkTime(event, place, object);
        isReordered ||= place < last;
        last = place;
      }
    }
    return isOpen;
  }

  const read = async (object: NumberedObject): Promise<Buffer | undefined> => files.read(object.path);

  async function eventsAt(places: readonly number[]): Promise<ReadonlyMap<number, ArchivedEvent>> {
    const wanted = new Set(places);
    const events = new Map<number, ArchivedEvent>();
    for (const number of new Set(places.map((place) => entries.lineAt(place).object))) {
      const bytes = await read(byNumber.get(number) as NumberedObject);
      for (const line of linesOf(bytes ?? Buffer.alloc(0))) {
        const event = readArchivedEvent(line);
        if (event === undefined) continue;
        const place = entries.placeOf(Buffer.from(event.id, 'hex')) ?? -1;
        if (wanted.has(place) && isKept(place, event)) events.set(place, event);
      }
    }
    return events;
  }

  const isKept = (place: number, { members }: ArchivedEvent): boolean =>
    entries.has(place, ENTRY.fits) && entries.lineAt(place).digest.equals(membersDigest(members));

  async function judgeAgain(object: NumberedObject): Promise<void> {
    const edited: { readonly event: ArchivedEvent; readonly place: number }[] = [];
    for (const line of linesOf((await read(object)) ?? Buffer.alloc(0))) {
      const event = readArchivedEvent(line);
      if (event?.region !== region) continue;
      const place = entries.placeOf(Buffer.from(event.id, 'hex')) ?? -1;
      if (!entries.has(place, ENTRY.event)) continue;
      const time = Date.parse(event.timestamp);
      // The lines of other events may be in objects that were not read.
      if (time < from || time > to || isKept(place, event)) continue;
      // Of an entry without its line, one other line is enough.
      if (!entries.has(place, ENTRY.fits) && entries.has(place, ENTRY.reported)) continue;
      entries.set(place, ENTRY.reported);
      edited.push({ event, place });
    }
    const fitting = await eventsAt(edited.map(({ place }) => place).filter((place) => entries.has(place, ENTRY.fits)));
    for (const { event, place } of edited) {
      const { id, timestamp, members } = event;
      const kept = fitting.get(place);
      findings.add({
        kind: 'edited',
        fault: 'line_mismatch',
        path: object.path,
        id,
        place,
        timestamp,
        ...(kept !== undefined && { members: differingMembers(members, kept.members) }),
      });
    }
  }

  // What is archived of an event is archived after it happened; clocks differ by less than an hour.
  const wanted = all.filter(({ hour }) => hour + 2 * HOUR_MS > from);
  for (let first = 0; first < wanted.length; first += READ_AHEAD) {
    const some = wanted.slice(first, first + READ_AHEAD);
    const texts = await mapConcurrently(some, READ_AHEAD, async (object) => ({ object, bytes: await read(object) }));
    for (const { object, bytes } of texts) {
      const { path, sha256 } = object;
      if (bytes === undefined) {
        findings.add({ kind: 'missing', fault: 'archive_missing', path });
        continue;
      }
      if (hash('sha256', bytes, 'hex') !== sha256) findings.add({ kind: 'edited', fault: 'archive_mismatch', path });
      if (readLines(object, bytes)) again.push(object);
    }
    input.onLines(counts.lines);
  }
  for (const object of again) await judgeAgain(object);
  // Only where the log's first line is there is the archive's first hour the log's.
  if (entries.has(0, ENTRY.event) && !entries.has(0, ENTRY.fits)) {
    for (const finding of older) findings.add(finding);
    olderCount -= older.length;
  }
  return {
    ...counts,
    older: olderCount,
    isReordered,
    isReported: (id) => reported.has(id),
    eventsAt,
  };
}
