import type { ArchiveSource } from './archive-source';
import type { LogFiles } from './log-files';

/** The log of one region, to be read. Nothing that it returns is trusted, its public keys least of all. */
export interface PublishedLog {
  readonly region: string;
  /** `checkpoint`, `state`, `keys`, `tile/…`, `index/…`, and the lines of archive objects as `archive/<hour>/<sha256>`. */
  readonly files: LogFiles;
  /** Which archive objects there are. */
  readonly archive: Pick<ArchiveSource, 'hours' | 'objects'>;
}

/** The logs of a deployment: one for each region. Making one makes no outside call. */
export interface Logs {
  /** The regions that have a log, home first. None: this deployment publishes no log. */
  readonly regions: readonly string[];
  /** The log of a region; undefined if that has none. */
  of(region: string): PublishedLog | undefined;
}
