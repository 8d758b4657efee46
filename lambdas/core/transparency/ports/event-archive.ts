import type { ArchiveObject } from './archive-source';

/** The archive of one region's events, to be added to. Nothing in it is ever replaced or removed. */
export interface EventArchive {
  /**
   * Resolves when the object is durable, also if it existed already: its name has the hash of its lines.
   *
   * @param lines each with its newline
   * @throws what an outage throws: the object may have been written
   */
  add(object: ArchiveObject, lines: Buffer): Promise<void>;
}
