import { OUTAGE_DETAILS } from '../../lambdas/core/contract/problems';
import { DAY_MS, SECOND_MS } from '../../lambdas/core/contract/time-units';
import type { AuditPosition, AuditReader } from '../../lambdas/core/audit/ports/audit-log';
import type { OpenIntents } from '../../lambdas/core/audit/ports/open-intents';
import { KeywardError } from '../../lambdas/core/errors/errors';
import type { Clock } from '../../lambdas/core/ports/clock';
import { placeKey } from './event-place';
import type { AnyAnswer, JournalAnswers, JournalSearch } from './journal-searches';
import type { JournalEnd, JournalView } from './journal-view';
import { mergePages } from './merge-pages';

export interface JournalReaderOptions {
  /** Returns the journal's readable end; called before each search. */
  readonly tell: () => JournalEnd | undefined;
  /** Searches here or in another thread; throws the system's errors. */
  readonly searches: { search(view: JournalView, search: JournalSearch): Promise<AnyAnswer> };
  /** Returns the reader of an older data directory's events, until they are in the journal. */
  readonly older: () => (Pick<AuditReader, 'query' | 'get'> & OpenIntents) | undefined;
  /** Remembers used providers, and knows those of an older data directory. */
  readonly marks: Pick<AuditReader, 'wasUsed' | 'markUsed'>;
  readonly clock: Clock;
}

/** Sorts after an id, and before every greater one. */
const AFTER_ID = '~';

/** Reads a journal. */
export interface JournalReader extends AuditReader, OpenIntents {
  /** Returns the time of a segment's newest event; undefined if the segment has none, or does not exist. Throws as `query` does. */
  greatestTime(segment: string): Promise<string | undefined>;
}

/** Returns a reader of the journal, and of the older log until it is taken over. */
export function createJournalReader(options: JournalReaderOptions): JournalReader {
  const { tell, searches, older: olderLog, marks, clock } = options;

  const ask = async <K extends JournalSearch['kind']>(
    view: JournalView,
    search: JournalSearch & { kind: K },
  ): Promise<JournalAnswers[K]> => {
    try {
      return (await searches.search(view, search)) as JournalAnswers[K];
    } catch {
      throw new KeywardError('store_unavailable', OUTAGE_DETAILS.noAnswerOf('the audit journal'));
    }
  };
  /** Both are read at the same moment, so that no event is in neither. */
  const look = () => {
    const older = olderLog();
    return { older, view: { end: tell(), hasTakenOver: older === undefined } };
  };

  const reader: JournalReader = {
    query: async (query) => {
      const { older, view } = look();
      const [own, before] = await Promise.all([ask(view, { kind: 'query', query }), older?.query(query)]);
      return before === undefined ? own : mergePages(own, before, query.limit);
    },

    get: async ({ timestamp, id }) => {
      const { older, view } = look();
      // Newest first: the event itself, or one that sorts before it.
      const query = { from: timestamp, to: timestamp, limit: 1, before: { timestamp, id: `${id}${AFTER_ID}` } };
      const [{ events }, before] = await Promise.all([
        ask(view, { kind: 'query', query }),
        older?.get({ timestamp, id }),
      ]);
      const [own] = events.filter((event) => event.id === id);
      return own?.damaged === true ? (before ?? own) : (own ?? before);
    },

    find: async (provider, from, to) => {
      const { older, view } = look();
      const before = (await older?.find(provider, from, to)) ?? [];
      const elsewhere = before.flatMap(({ metadata }) => metadata.write_id ?? []);
      const search = { provider, from, to, now: clock.now(), elsewhere };
      const open = await ask(view, { kind: 'intents', search });
      const stillOpen = new Set(open.elsewhere);
      const found = [...before.filter(({ metadata }) => stillOpen.has(metadata.write_id ?? '')), ...open.intents];
      return found.sort((a, b) => (placeKey(a) < placeKey(b) ? -1 : 1));
    },

    wasUsed: async (provider) => (await marks.wasUsed(provider)) || hasRecentSuccess(reader, clock, provider),

    markUsed: (provider) => marks.markUsed(provider),

    greatestTime: (segment) => ask(look().view, { kind: 'greatest', segment }),
  };
  return reader;
}

/** A success of today or yesterday needed a keyset; a refusal or an intent may name a provider without one. */
async function hasRecentSuccess(reader: Pick<AuditReader, 'query'>, clock: Clock, provider: string): Promise<boolean> {
  const day = (time: number): string => new Date(time).toISOString().slice(0, 10);
  const from = `${day(clock.now() - DAY_MS)}T00:00:00.000Z`;
  const to = `${day(clock.now())}T23:59:59.999Z`;
  let before: AuditPosition | undefined;
  do {
    const page = await reader.query({
      provider,
      success: true,
      from,
      to,
      limit: 1,
      ...(before !== undefined && { before }),
    });
    if (page.events.length > 0) return true;
    before = page.next;
  } while (before !== undefined);
  return false;
}

/** Interval at which new events are indexed, so that searches need not do it. */
const LOOK_INTERVAL_MS = SECOND_MS;
const WORTH_A_LOOK_BYTES = 262_144;

/**
 * Makes the thread index new events, a little at a time.
 *
 * @returns a function that ends it
 */
export function keepLooking({ tell, searches, older }: JournalReaderOptions): () => void {
  let seen: JournalEnd | undefined;
  const timer = setInterval(() => {
    const end = tell();
    if (end === undefined) return;
    if (end.segment === seen?.segment && end.bytes - seen.bytes < WORTH_A_LOOK_BYTES) return;
    seen = end;
    // The next search reports the failure.
    searches.search({ end, hasTakenOver: older() === undefined }, { kind: 'look' }).catch(() => undefined);
  }, LOOK_INTERVAL_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}
