import type { LogFiles } from './log-files';

/** The log of one region, to be read. Nothing that it returns is trusted, its public keys least of all. */
export interface PublishedLog {
  readonly region: string;
  /** `checkpoint`, `state`, `keys`, `tile/…`, `index/…`, `hand-over/…`, and the lines of archive objects as `archive/<hour>/<sha256>`. */
  readonly files: LogFiles;
  /**
   * The first paths below a prefix that ends with a slash, in the order of their bytes: for lists that are too long for one answer.
   * Consistent, as `files.list` is.
   *
   * @param after only paths after this one; empty: from the first
   * @param limit at most so many; fewer only where there are no more
   */
  page(prefix: string, after: string, limit: number): Promise<readonly string[]>;
}

/** The logs of a deployment: one for each region. Making one makes no outside call. */
export interface Logs {
  /** The regions that have a log, home first. None: this deployment publishes no log. */
  readonly regions: readonly string[];
  /** The log of a region; undefined if that has none. */
  of(region: string): PublishedLog | undefined;
  /** Days after which an archived line may be gone; undefined: never. */
  readonly archiveDays: number | undefined;
  /** Days after which an event may be gone from the audit log; undefined: never. */
  readonly eventDays: number | undefined;
}
