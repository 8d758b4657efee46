import { hash } from 'node:crypto';
import { readArchivedLine } from './archived-line';
import { readIndexedMinute } from './event-index';
import { createIdTable, type IdTable } from './id-table';
import { linesOf } from './lines-of';
import { eventEntry } from './log-entry';
import type { Checked } from './log-fault';
import type { Tree } from './merkle-proof';
import type { ArchiveSource } from './ports/archive-source';
import type { LogStore } from './ports/log-store';
import { formatKeyHandOver } from './key-hand-over';
import type { PublisherState } from './publisher-state';
import type { RightEdge } from './right-edge';
import { createTreeAppender, type LogObject } from './tree-appender';

export interface RangeDependencies {
  readonly archive: ArchiveSource;
  readonly store: LogStore;
  /** The region whose events belong to the log. */
  readonly region: string;
}

/** How many lines of a range became entries, and how many did not. */
export interface RangeCounts {
  added: number;
  /** Events that the log has already. */
  repeated: number;
  /** Events of another region's log. */
  foreign: number;
  /** Lines that are no event. */
  malformed: number;
}

export interface WalkedRange {
  readonly tree: Tree;
  readonly partial: readonly LogObject[];
  readonly counts: RangeCounts;
  /** The ids that the range added, by minute of event time, with the places of their entries. */
  readonly index: ReadonlyMap<number, IdTable>;
}

/**
 * Reads the archive objects of a range in their order and appends an entry for each event that the log does not have yet, and for
 * the hand-overs of keys with which it ends. The result depends on the objects, the right edge and the index of earlier ranges alone, and all of these never change.
 *
 * In memory are one object, the ids of the range, and those that the log has of the same minutes.
 *
 * @param emit is given each full tile and bundle as it comes about
 */
export async function walkRange(
  { archive, store, region }: RangeDependencies,
  edge: RightEdge,
  { range, objects, handOver = [] }: Pick<PublisherState, 'range' | 'objects' | 'handOver'>,
  emit: (object: LogObject) => Promise<void>,
): Promise<Checked<WalkedRange>> {
  const appender = createTreeAppender(edge);
  const counts: RangeCounts = { added: 0, repeated: 0, foreign: 0, malformed: 0 };
  const index = new Map<number, IdTable>();
  const indexed = new Map<number, IdTable>();
  for (const object of objects) {
    const bytes = await archive.read(object);
    if (bytes === undefined) return { fault: 'archive_missing' };
    if (hash('sha256', bytes, 'hex') !== object.sha256) return { fault: 'archive_mismatch' };
    const entries: Buffer[] = [];
    for (const line of linesOf(bytes)) {
      const event = readArchivedLine(line);
      if (event === undefined) {
        counts.malformed += 1;
        continue;
      }
      if (event.region !== region) {
        counts.foreign += 1;
        continue;
      }
      const { id, minute, nonce } = event;
      let before = indexed.get(minute);
      if (before === undefined) {
        const read = await readIndexedMinute(store, minute, range);
        if (read.fault !== undefined) return read;
        indexed.set(minute, (before = read.value));
        index.set(minute, createIdTable());
      }
      const key = Buffer.from(id, 'hex');
      if (before.has(key) || index.get(minute)?.add(key, edge.size + counts.added) !== true) {
        counts.repeated += 1;
        continue;
      }
      counts.added += 1;
      entries.push(eventEntry(id, nonce, line));
    }
    for (const full of appender.append(entries)) await emit(full);
  }
  for (const full of appender.append(handOver.map(formatKeyHandOver))) await emit(full);
  return { value: { ...appender.current(), counts, index } };
}
