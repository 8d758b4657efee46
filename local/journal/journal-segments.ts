import type { Clock } from '../../lambdas/core/ports/clock';
import type { JournalFiles } from './journal-files';
import { cutOff, type JournalEnd, type SetAside } from './recover-journal';
import { SegmentFile } from './segment-file';
import {
  formatSegment,
  hourOf,
  hourOfSegment,
  nextSegment,
  parseSegmentFile,
  segmentFile,
  type SegmentName,
} from './segment-name';

export interface JournalSegmentsOptions {
  readonly files: JournalFiles;
  readonly clock: Pick<Clock, 'now'>;
  /** End of the journal when this process opens it. */
  readonly end: JournalEnd;
  /** Size after which a segment is followed by another. */
  readonly segmentBytes: number;
  readonly onSetAside: (aside: SetAside) => void;
}

/**
 * The segments of a journal, as one chain of groups. A segment ends with the hour in which it was begun, at a size, after a
 * failure, and with its process. Its first group begins it, so that a process without events leaves no segment. For one caller at
 * a time.
 */
export class JournalSegments {
  private current: SegmentFile | undefined;
  private end: JournalEnd;
  /** The last used name, even if its segment could not be created: no name is used twice. */
  private last: SegmentName | undefined;

  constructor(private readonly deps: JournalSegmentsOptions) {
    this.end = deps.end;
    this.last = deps.end.newest && parseSegmentFile(segmentFile(deps.end.newest.segment));
  }

  /** Returns the newest segment and its durable bytes; undefined if there is none. */
  tell(): { readonly segment: string; readonly bytes: number } | undefined {
    const { current } = this;
    return current === undefined ? this.end.newest : { segment: current.segment, bytes: current.bytes };
  }

  /** Whether new writes will be found under the segment's name. */
  get isInPlace(): boolean {
    return this.current?.isInPlace() ?? true;
  }

  /**
   * Resolves when a group is durable.
   *
   * @param isWanted called repeatedly: false if the group was refused meanwhile and must not count
   * @throws errors of the system; nothing may be written after one until {@link openAnew} has resolved
   */
  async writeGroup(lines: readonly string[], isWanted: () => boolean): Promise<void> {
    this.current = await this.segmentForNow();
    if (isWanted()) await this.current.writeGroup(lines, isWanted);
  }

  /**
   * Continues after a failure, on new descriptors and in a new segment: after a failed sync the next may resolve without any data
   * on the device, because the kernel has marked the pages as clean (fsync(2), "EIO"; PostgreSQL, "fsync() failure"; LWN 752063).
   * The bytes of the failed group were refused, and are set aside. They are cut off at the remembered length of acknowledged
   * data, not at what a read returns, because a read uses the same pages.
   *
   * @throws errors of the system; it may be called again
   */
  async openAnew(): Promise<void> {
    const { files, onSetAside } = this.deps;
    await files.probe();
    if (!this.isInPlace) throw Object.assign(new Error('the segment is not at its name'), { code: 'ENOENT' });
    await this.leave();
    const { newest } = this.end;
    if (newest !== undefined) await cutOff(files, newest.segment, newest.bytes, onSetAside);
  }

  /** Ends the segment. Its contents stay unchanged. */
  close(): Promise<void> {
    return this.leave();
  }

  private async segmentForNow(): Promise<SegmentFile> {
    const { files, clock, segmentBytes } = this.deps;
    const { current } = this;
    const now = clock.now();
    const isGood =
      current !== undefined && current.bytes < segmentBytes && hourOfSegment(current.segment) >= hourOf(now);
    if (isGood) return current;
    await this.leave();
    this.last = nextSegment(this.last, now);
    return SegmentFile.create(files, formatSegment(this.last), this.end.chain);
  }

  private async leave(): Promise<void> {
    const { current } = this;
    if (current === undefined) return;
    this.end = { newest: { segment: current.segment, bytes: current.bytes }, chain: current.chain };
    this.current = undefined;
    // Acknowledged data was synced; closing cannot lose any.
    await current.close().catch(() => undefined);
  }
}
