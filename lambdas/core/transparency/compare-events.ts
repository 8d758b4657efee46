import { AUDIT_EVENT_ID_PATTERN } from '../contract/names';
import { MINUTE_MS } from '../contract/time-units';
import { isTimestamp } from '../crypto/record-checks';
import type { AuditFindings } from './audit-finding';
import { ENTRY, type EntryTable } from './entry-table';
import { editedMembers, membersDigest } from './event-members';
import { createIdTable } from './id-table';
import { unpublished, type VerifiedArchive } from './verify-archive';

/** An event as the API shows it: an item of the table, or a line of the journal, without its nonce. */
export type ShownEvent = Readonly<Record<string, unknown>>;

/** An item that was written just now may not be in every region's table yet. */
const REPLICATED_WITHIN_MS = 15 * MINUTE_MS;
/** Events whose digests differ and that are looked at together, with their archived lines. */
const BATCH = 1000;

export interface CompareEventsInput {
  readonly events: AsyncIterable<ShownEvent>;
  readonly entries: EntryTable;
  readonly archive: Pick<VerifiedArchive, 'eventsAt' | 'isReported'>;
  readonly size: number;
  readonly region: string;
  /** The period of which `events` are all, in milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  readonly now: number;
  readonly onEvents: (events: number) => void;
}

/**
 * Compares each event of the table with the archived line of its entry, member by member, and looks for entries of the period whose
 * event is gone.
 *
 * @returns the number of events that were compared
 */
export async function compareEvents(input: CompareEventsInput, findings: AuditFindings): Promise<number> {
  const { entries, archive, size, region, from, to, now } = input;
  const reported = createIdTable();
  let compared = 0;
  let differing: { readonly event: ShownEvent; readonly place: number }[] = [];
  const judge = async (): Promise<void> => {
    const events = await archive.eventsAt(differing.map(({ place }) => place));
    for (const { event, place } of differing) {
      const archived = events.get(place);
      const members = archived === undefined ? [] : editedMembers(event, archived.members);
      if (archived !== undefined && members.length === 0) continue;
      const timestamp = archived?.timestamp;
      findings.add({
        kind: 'edited',
        fault: 'event_mismatch',
        id: entries.idAt(place),
        place,
        members,
        ...(timestamp !== undefined && { timestamp }),
      });
    }
    differing = [];
  };
  for await (const event of input.events) {
    if (event['region'] !== region) continue;
    compared += 1;
    if (compared % BATCH === 0) input.onEvents(compared);
    const { id, timestamp } = event;
    if (typeof id !== 'string' || !AUDIT_EVENT_ID_PATTERN.test(id) || !isTimestamp(timestamp)) {
      findings.add({ kind: 'edited', fault: 'event_mismatch', members: ['id', 'timestamp'] });
      continue;
    }
    const key = Buffer.from(id, 'hex');
    const place = entries.placeOf(key);
    if (place === undefined) {
      if (!archive.isReported(key) && reported.add(key, 0)) findings.add(unpublished({ id, timestamp }, now));
      continue;
    }
    entries.set(place, ENTRY.inTable);
    // Without its line, the entry is reported already.
    if (!entries.has(place, ENTRY.fits) || entries.lineAt(place).digest.equals(membersDigest(event))) continue;
    differing.push({ event, place });
    if (differing.length === BATCH) await judge();
  }
  await judge();
  input.onEvents(compared);
  const last = Math.min(to, now - REPLICATED_WITHIN_MS);
  for (let place = 0; place < size; place += 1) {
    if (!entries.has(place, ENTRY.fits) || entries.has(place, ENTRY.inTable)) continue;
    const { time } = entries.lineAt(place);
    if (time < from || time > last) continue;
    const timestamp = new Date(time).toISOString();
    findings.add({ kind: 'missing', fault: 'event_missing', id: entries.idAt(place), place, timestamp });
  }
  return compared;
}
