import { readdirSync } from 'node:fs';
import { fileComparedValue } from '../../lambdas/adapters/local/log/file-compared-value';
import { openFileLogStore } from '../../lambdas/adapters/local/log/file-log-store';
import type { LogDisk } from '../../lambdas/adapters/local/log/log-disk';
import { makeNextLogKeys, openLogKeyFiles } from '../../lambdas/adapters/local/log/log-key-files';
import { LOCAL_REGION } from '../../lambdas/core/contract/local-mode';
import type { Randomness } from '../../lambdas/core/crypto/randomness';
import type { Clock } from '../../lambdas/core/ports/clock';
import { parseArchivePath } from '../../lambdas/core/transparency/archive-path';
import type { Checked } from '../../lambdas/core/transparency/log-fault';
import { cosignerOf } from '../../lambdas/core/transparency/log-origin';
import { publish, type Published } from '../../lambdas/core/transparency/publish';
import type { ArchiveSource } from '../../lambdas/core/transparency/ports/archive-source';
import { readPublished } from '../../lambdas/core/transparency/published-checkpoint';
import type { EventPlace } from '../journal/event-place';
import type { JournalView } from '../journal/journal-view';
import { SegmentBytes } from '../journal/segment-bytes';
import { hourOfSegment, parseSegmentFile } from '../journal/segment-name';
import { createJournalArchive, segmentsOfView } from './journal-archive';
import { listLog, pageOfLog } from './list-log';
import { findLine } from './find-line';
import { assertNotLost, markBegun, type LogPlace } from './lost-log';
import { OlderLines } from './older-lines';
import { SegmentRuns } from './segment-runs';

export interface LogWorkOptions extends LogPlace {
  /** The origin of a new log; one that exists keeps its own. */
  readonly origin: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly randomness: Randomness;
  /** Awaited between small parts of the work, so that others can use thread, processor and disk. */
  readonly rest: () => Promise<void>;
}

/** Archive objects of a range at most: 256 MiB of lines, of which one and the ids are in memory. */
const MAX_OBJECTS = 256;

/** The log of one data directory, published and read in a thread of its own: every call blocks on the disk. */
export class LogWork {
  private readonly files: SegmentBytes;
  private readonly runs: SegmentRuns;

  constructor(private readonly options: LogWorkOptions) {
    this.files = new SegmentBytes(options.journal);
    this.runs = new SegmentRuns(this.files, options.rest);
  }

  /**
   * Publishes what a view of the journal covers. One call at a time.
   *
   * @param expireBefore files of older events that are all from before this time, in ISO 8601, are removed once they are published
   * @param handOver makes new keys first, to which the log is handed over; an unfinished hand-over is finished instead
   * @throws KeywardError `configuration_invalid`, one sentence, if log or keys are missing or damaged; errors of the system
   */
  async publish(view: JournalView, expireBefore: string, handOver = false): Promise<Checked<Published>> {
    const { log, openDisk, origin, clock, randomness, rest } = this.options;
    const disk = openDisk(log);
    assertNotLost(this.options);
    const names = { log: origin, cosigner: cosignerOf(origin) };
    const keys = { disk, directory: log, names, randomness };
    const store = openFileLogStore(disk, rest);
    const checkpoints = fileComparedValue(disk, 'checkpoint', () => store.flush());
    if (handOver) {
      const signers = openLogKeyFiles(keys);
      const { value } = await readPublished(checkpoints, signers, store);
      if (value?.signers === signers) makeNextLogKeys(keys);
    }
    const signers = openLogKeyFiles(keys);
    const older = this.older(disk);
    if (view.end !== undefined) await this.takeOlder(older, view, view.end.segment);
    const published = await publish({
      archive: this.archive(older, view),
      store,
      region: LOCAL_REGION,
      state: fileComparedValue(disk, 'state'),
      checkpoints,
      signers,
      clock,
      maxObjects: MAX_OBJECTS,
    });
    // The public keys, which are written after the checkpoint that they are of.
    await store.flush();
    if (published.fault === undefined) {
      markBegun(this.options);
      older.expire(expireBefore);
    }
    return published;
  }

  /** Returns the bytes at a path of the log; undefined if nothing is there. */
  async read(view: JournalView, path: string): Promise<Buffer | undefined> {
    const disk = this.options.openDisk(this.options.log);
    const object = parseArchivePath(path);
    return object === undefined ? disk.read(path) : this.archive(this.older(disk), view).read(object);
  }

  /** Returns the paths below a prefix. */
  list(view: JournalView, prefix: string): Promise<readonly string[]> {
    return listLog(this.readable(view), prefix);
  }

  /** Returns the first paths below a prefix after one, in the order of their bytes. */
  page(view: JournalView, prefix: string, after: string, limit: number): Promise<readonly string[]> {
    return pageOfLog(this.readable(view), prefix, after, limit);
  }

  /** Returns an event's archived line, without its line feed; undefined if there is none. */
  lineOf(view: JournalView, place: EventPlace): Promise<Buffer | undefined> {
    const disk = this.options.openDisk(this.options.log);
    const segments = segmentsOfView(this.names(), view);
    return findLine({ segments, view, runs: this.runs, older: this.older(disk) }, place);
  }

  private readable(view: JournalView) {
    const disk = this.options.openDisk(this.options.log);
    return { disk, archive: this.archive(this.older(disk), view) };
  }

  private archive(older: OlderLines, view: JournalView): ArchiveSource {
    return createJournalArchive({ names: () => this.names(), view: () => view, runs: this.runs, older });
  }

  private older(disk: LogDisk): OlderLines {
    return new OlderLines({ disk, runs: this.runs, randomness: this.options.randomness });
  }

  /**
   * The files are archived in the hour of the newest segment: the publisher closes no hour that is not older than that, so that they
   * and what is written there later are found, whatever the clock says.
   */
  private async takeOlder(older: OlderLines, view: JournalView, newest: string): Promise<void> {
    const names = this.names();
    const own = segmentsOfView(names, view);
    const taken = names
      .map(parseSegmentFile)
      .filter((name) => name?.part === 0)
      .map((name) => name?.segment ?? '')
      .sort();
    this.runs.keep([...own, ...taken]);
    await older.take(
      own.filter((segment) => segment < newest),
      view.hasTakenOver ? taken : [],
      hourOfSegment(newest),
    );
  }

  private names(): readonly string[] {
    return readdirSync(this.options.journal);
  }
}
