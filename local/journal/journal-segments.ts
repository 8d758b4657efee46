import type { Clock } from '../../lambdas/core/ports/clock';
import type { JournalFiles } from './journal-files';
import { cutOff, type JournalEnd, type SetAside } from './recover-journal';
import { SegmentFile } from './segment-file';
import { formatSegment, hourOf, nextSegment, parseSegmentFile, segmentFile, type SegmentName } from './segment-name';

export interface JournalSegmentsOptions {
  readonly files: JournalFiles;
  readonly clock: Pick<Clock, 'now'>;
  /** Where the journal ends as this process finds it. */
  readonly end: JournalEnd;
  /** A segment that has become so long is followed by another. */
  readonly segmentBytes: number;
  readonly onSetAside: (aside: SetAside) => void;
}

/**
 * The segments of a journal, as one chain of groups: a segment ends with the hour in which it was begun, at a size, after a failure, and
 * with its process. It is begun by the first group in it, so that a process without events leaves none. For one caller at a time.
 */
export class JournalSegments {
  private current: SegmentFile | undefined;
  private end: JournalEnd;
  /** The name that was given last, also where its segment could not be begun: no name is given twice. */
  private last: SegmentName | undefined;

  constructor(private readonly deps: JournalSegmentsOptions) {
    this.end = deps.end;
    this.last = deps.end.newest && parseSegmentFile(segmentFile(deps.end.newest.segment));
  }

  /** The newest segment, and how much of it is durable; undefined where there is none. */
  tell(): { readonly segment: string; readonly bytes: number } | undefined {
    const { current } = this;
    return current === undefined ? this.end.newest : { segment: current.segment, bytes: current.bytes };
  }

  /** Whether what is written now is found again. */
  get isInPlace(): boolean {
    return this.current?.isInPlace() ?? true;
  }

  /**
   * Resolves once a group is durable.
   *
   * @param isWanted asked again and again: false where the group was refused meanwhile, so that it does not count
   * @throws what the system throws; from then on nothing may be written until {@link openAnew} has resolved
   */
  async writeGroup(lines: readonly string[], isWanted: () => boolean): Promise<void> {
    this.current = await this.segmentForNow();
    if (isWanted()) await this.current.writeGroup(lines, isWanted);
  }

  /**
   * Goes on after a failure, on other descriptors and in a segment of its own: a sync that has failed once may resolve the next time
   * without anything being on the device, because the kernel has marked the pages as clean (fsync(2), "EIO"; PostgreSQL, "fsync() failure";
   * LWN 752063). What the failed group has left was refused, and is set aside; what was answered before is cut off from it by a length
   * that is remembered, not by what a read says, which would be answered from the same pages.
   *
   * @throws what the system throws; it may be called again
   */
  async openAnew(): Promise<void> {
    const { files, onSetAside } = this.deps;
    await files.probe();
    if (!this.isInPlace) throw Object.assign(new Error('the segment is not at its name'), { code: 'ENOENT' });
    await this.leave();
    const { newest } = this.end;
    if (newest !== undefined) await cutOff(files, newest.segment, newest.bytes, onSetAside);
  }

  /** Ends the segment. What was written stays as it is. */
  close(): Promise<void> {
    return this.leave();
  }

  private async segmentForNow(): Promise<SegmentFile> {
    const { files, clock, segmentBytes } = this.deps;
    const { current } = this;
    const now = clock.now();
    const isGood =
      current !== undefined && current.bytes < segmentBytes && current.segment.slice(0, HOUR_LENGTH) >= hourOf(now);
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
    // What was answered was synced; there is nothing that closing could lose.
    await current.close().catch(() => undefined);
  }
}

const HOUR_LENGTH = 'YYYY-MM-DDTHH'.length;
