import type { Randomness } from '../crypto/randomness';
import type { Clock } from '../ports/clock';
import { archivedLineOf, archiveLines } from './archived-lines';
import type { EventArchive } from './ports/event-archive';
import type { EventChange, StoredEvent } from './ports/event-change';
import { isDamaged, isEvent, reportEvents, type ReportEventsDependencies } from './report-events';

export interface ArchiveChangesDependencies extends ReportEventsDependencies {
  readonly archive: EventArchive;
  /** The region whose events belong into the archive. */
  readonly region: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly randomness: Randomness;
}

/**
 * @param unlogged the events of these that no log has; left out: all are archived
 * @returns the number of lines that are archived now
 * @throws what the archive throws: the batch has to be repeated as a whole
 */
export type ArchiveChanges = (
  changes: readonly EventChange[],
  unlogged?: (events: readonly StoredEvent[]) => Promise<readonly StoredEvent[]>,
) => Promise<number>;

/**
 * Archives the events of a batch of changes as one object: the new ones, and as they were those that somebody edited or removed.
 *
 * Nobody edits an event, Keyward included, and DynamoDB removes it only once its time is over. So anything else is reported, with
 * the event's id and never its content. An event of an earlier release gets its nonce here (`archivedLineOf`).
 */
export function createArchiveChanges(deps: ArchiveChangesDependencies): ArchiveChanges {
  const { region, randomness } = deps;
  return async (changes, unlogged) => {
    const tampered = changes.filter(isTampered).map(({ before }) => before);
    const added = changes.filter(({ before }) => before === undefined).map(({ after }) => after);
    reportEvents(deps, 'event_tampered', tampered);
    reportEvents(deps, 'event_malformed', added.filter(isDamaged));
    const events = new Map<string, StoredEvent>();
    for (const image of [...added, ...tampered]) {
      if (!isEvent(image) || image.event.region !== region || events.has(image.event.id)) continue;
      events.set(image.event.id, image);
    }
    const wanted = unlogged === undefined ? [...events.values()] : await unlogged([...events.values()]);
    await archiveLines(
      deps,
      wanted.map((event) => archivedLineOf(event, randomness)),
    );
    return wanted.length;
  };
}

/** A removal in another region's copy has no mark of the one who made it, so the time alone decides. */
function isTampered({ before, after, isEdited, at }: EventChange): boolean {
  if (before === undefined) return false;
  if (after !== undefined) return isEdited;
  return before !== 'unreadable' && !(before.expiresAt !== undefined && before.expiresAt <= at);
}
