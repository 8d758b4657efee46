import type { AuditEvent } from '../../lambdas/core/audit/audit-event';
import { changesOf, type EventFilter } from './event-filter';
import type { JournalView } from './journal-view';
import type { QueryJournalDependencies } from './query-journal';
import { searchBlock } from './search-block';

/** Maximum difference between the clock that wrote an outcome and the clock that wrote the intent, or ours. */
const CLOCK_SKEW_MS = 60_000;

/** A search for open intents; see OpenIntents. */
export interface IntentSearch {
  readonly provider: string | null;
  readonly from: string;
  readonly to: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** `write_id` of intents of the same period that are recorded elsewhere: their outcomes may be here. */
  readonly elsewhere: readonly string[];
}

export interface OpenChanges {
  /** Open intents of the journal, oldest first. */
  readonly intents: readonly AuditEvent[];
  /** Those of `elsewhere` that have no outcome in the journal. */
  readonly elsewhere: readonly string[];
}

/**
 * Finds the open intents. Reads the whole period once, and later segments only while an intent has no outcome: a change writes
 * its outcome at once, a sweep perhaps days later. Throws errors of the system.
 */
export async function findOpenIntents(
  deps: QueryJournalDependencies,
  view: JournalView,
  { provider, from, to, now, elsewhere }: IntentSearch,
): Promise<OpenChanges> {
  const closed = new Set<string>();
  const intents = new Map<string, AuditEvent>();
  const take = (event: AuditEvent): void => {
    const { phase, write_id: writeId = '' } = event.metadata;
    if (phase === 'outcome') closed.add(writeId);
    else if (event.timestamp >= from && event.timestamp <= to) intents.set(event.id, event);
  };
  const openOnes = () => [...intents.values()].filter(({ metadata }) => !closed.has(metadata.write_id ?? ''));
  const openElsewhere = () => elsewhere.filter((writeId) => !closed.has(writeId));
  const isOpen = () => openOnes().length + openElsewhere().length > 0;
  const end = shifted(to, CLOCK_SKEW_MS);
  await eachEvent(deps, view, changesOf(provider, 'both'), shifted(from, -CLOCK_SKEW_MS), end, take, () => true);
  const latest = new Date(now + CLOCK_SKEW_MS).toISOString();
  if (isOpen()) await eachEvent(deps, view, changesOf(provider, 'outcome'), end, latest, take, isOpen);
  const oldestFirst = openOnes().sort((a, b) => (a.timestamp < b.timestamp ? -1 : 1));
  return { intents: oldestFirst, elsewhere: openElsewhere() };
}

/** Visits the events by segment, those with the oldest events first; stops when `isWanted` returns false. */
async function eachEvent(
  { indexes, turn }: QueryJournalDependencies,
  view: JournalView,
  filter: EventFilter,
  from: string,
  to: string,
  visit: (event: AuditEvent) => void,
  isWanted: () => boolean,
): Promise<void> {
  const search = { filter, from, beforeKey: `${to}#~`, most: Infinity };
  const isWithin = (times: { least?: string; greatest?: string }): boolean =>
    times.least !== undefined && times.greatest !== undefined && times.least <= to && times.greatest >= from;
  const segments = (await indexes.timesOf(view)).filter(isWithin);
  for (const { segment } of segments.sort((a, b) => ((a.least ?? '') < (b.least ?? '') ? -1 : 1))) {
    for (const block of await indexes.blocksOf(segment)) {
      if (!isWithin(block)) continue;
      if (!isWanted()) return;
      const bytes = indexes.read(segment, block);
      if (bytes === undefined) continue;
      const { events, isDamaged } = searchBlock(bytes, block.isSuspect, search);
      for (const { event } of events) visit(event);
      if (isDamaged && !block.isSuspect) await indexes.distrust(segment);
      await turn();
    }
  }
}

const shifted = (timestamp: string, ms: number): string => new Date(Date.parse(timestamp) + ms).toISOString();
