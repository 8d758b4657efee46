import type { StoredImage } from './event-change';

/** Where a reading of a day stands. */
interface PageAsked {
  readonly part: string;
  /** The hour of the events' times, `2026-11-27T14`, in UTC. */
  readonly hour: string;
  /** Where the page before ended; left out: from the first event. */
  readonly after?: string | undefined;
}

interface EventPage {
  /** Events of the region, the oldest first; what is stored there and is no event is `unreadable`. */
  readonly images: readonly StoredImage[];
  /** Undefined: the part has no more events of the hour. */
  readonly readTo: string | undefined;
}

/** The events of one region that its audit log has, to be read once more when they have been there for days: it may lag by seconds. */
export interface EventPages {
  /**
   * The parts in which a day's events are stored, in order, without those that have none.
   *
   * @param day `2026-11-27`
   * @throws KeywardError `store_unavailable`
   */
  parts(day: string): Promise<readonly string[]>;
  /**
   * A page of the events of a part and an hour.
   *
   * @throws KeywardError `store_unavailable`
   */
  page(asked: PageAsked): Promise<EventPage>;
}
