import type { AuditSink } from '../../lambdas/core/audit/ports/audit-log';
import { LOCAL_REGION } from '../../lambdas/core/contract/local-mode';
import { KeywardError } from '../../lambdas/core/errors/errors';
import { toOutsideFailure } from '../../lambdas/core/errors/outside-failure';
import type { Clock } from '../../lambdas/core/ports/clock';
import { storageFailureOf } from '../database/storage-failure';
import { formatEventLine } from '../../lambdas/core/audit/event-line';
import { GroupQueue } from './group-queue';
import type { JournalFiles } from './journal-files';
import { JournalSegments } from './journal-segments';
import { RecentAppends } from './recent-appends';
import { recoverJournal, type SetAside } from './recover-journal';

/** Times are in milliseconds. */
export interface AuditJournalOptions {
  readonly files: JournalFiles;
  readonly clock: Clock;
  /** Hash that the oldest segment follows, if retention has deleted all segments before it. Left out: none was deleted. */
  readonly chainBefore?: string;
  /** An event that is not durable after this time is refused, and the journal counts as failed. */
  readonly deadlineMs: number;
  /** Maximum of waiting events; further events are refused at once. Default 10,000. */
  readonly maxQueued?: number;
  /** Default 64 MiB. */
  readonly segmentBytes?: number;
  /**
   * Time that a group's first event waits for others. Default 0: events that arrive while a group is being written form the next.
   * A wait of 1 ms costs a single connection two thirds of its rate, and saves no processor time with 16 or 64 connections (`npm
   * run bench -- group-commit`).
   */
  readonly fillMs?: number;
  /**
   * Called with the system's name of the reason when writes begin to fail, when the reason changes and about once a minute
   * meanwhile; with undefined when they succeed again.
   */
  readonly onFailure: (name: string | undefined) => void;
  readonly onSetAside: (aside: SetAside) => void;
}

/** The audit journal of one data directory, for its writing process. */
export interface AuditJournal extends AuditSink {
  /** Resolves when no event waits, for a process that appends no more. */
  drain(): Promise<void>;
  /** Refuses new events, and ends the segment when no event waits. */
  close(): Promise<void>;
  /**
   * Returns the newest segment and its durable bytes; segments with later names do not exist for a reader. Undefined: there is no
   * segment.
   */
  tell(): { readonly segment: string; readonly bytes: number } | undefined;
  /** Whether the segment being written is still at its path. */
  isInPlace(): boolean;
}

const MAX_QUEUED = 10_000;
const SEGMENT_BYTES = 67_108_864;
const GROUP_CHARACTERS = 262_144;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 2_000;
const REMIND_EVERY = 30;

/**
 * Opens a journal for exclusive writing: the caller owns the data directory. Sets aside what an earlier process wrote and did not
 * acknowledge.
 *
 * An append makes no system call of its own: events that arrive while a group is being written are the next group, which is one
 * write and one sync. After a failed write or sync all appends are refused until the journal has opened a new segment, which it
 * retries by itself ({@link JournalSegments.openAnew}): a refused group is never shown as an acknowledged one.
 *
 * @throws errors of the system if the directory cannot be read, or if what is to be set aside cannot be kept
 */
export async function openAuditJournal(options: AuditJournalOptions): Promise<AuditJournal> {
  const { files, clock, maxQueued = MAX_QUEUED, segmentBytes = SEGMENT_BYTES, onSetAside } = options;
  const end = await recoverJournal(files, options.chainBefore, onSetAside);
  const segments = new JournalSegments({ files, clock, end, segmentBytes, onSetAside });
  const recent = new RecentAppends(2 * maxQueued);
  let failure: string | undefined;
  let isClosed = false;
  let recovering: Promise<void> = Promise.resolve();

  const fail = (name: string, underWay: Promise<unknown>): void => {
    failure = name;
    options.onFailure(name);
    recovering = recover(underWay);
  };

  async function recover(underWay: Promise<unknown>): Promise<void> {
    // A descriptor in use by a system call must not be closed.
    await underWay.catch(() => undefined);
    for (let tries = 1; ; tries += 1) {
      await clock.sleep(Math.min(FIRST_PAUSE_MS * tries, LONGEST_PAUSE_MS));
      if (isClosed) return;
      try {
        await segments.openAnew();
        failure = undefined;
        options.onFailure(undefined);
        return;
      } catch (thrown) {
        const name = storageFailureOf(thrown);
        if (name !== failure || tries % REMIND_EVERY === 0) options.onFailure(name);
        failure = name;
      }
    }
  }

  async function write(lines: readonly string[]): Promise<void> {
    if (failure !== undefined) throw unavailable(failure);
    let isRefused = false;
    const work = segments.writeGroup(lines, () => !isRefused);
    try {
      await within(options.deadlineMs, work);
    } catch (thrown) {
      isRefused = true;
      const name = storageFailureOf(thrown);
      fail(name, work);
      throw unavailable(name);
    }
  }

  const queue = new GroupQueue({
    write,
    maxQueued,
    maxGroupCharacters: GROUP_CHARACTERS,
    fillMs: options.fillMs ?? 0,
  });

  return {
    append: (event) => {
      if (failure !== undefined) return Promise.reject(unavailable(failure));
      const known = recent.get(event);
      if (known !== undefined) return known;
      if (isClosed || queue.isFull) return Promise.reject(unavailable());
      return recent.note(event, queue.add(formatEventLine(event)));
    },
    drain: () => queue.drain(),
    close: async () => {
      await queue.drain();
      isClosed = true;
      // A disk that does not respond keeps its descriptor until the process ends.
      await within(options.deadlineMs, recovering).then(
        () => segments.close(),
        () => undefined,
      );
    },
    tell: () => segments.tell(),
    isInPlace: () => segments.isInPlace,
  };
}

/** @throws an error with the code ETIMEDOUT if the work takes longer */
async function within(limitMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(Object.assign(new Error('the disk does not answer'), { code: 'ETIMEDOUT' }));
    }, limitMs);
  });
  try {
    await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** The event is not known to be durable. @param name the system's name of the reason; left out if no write was tried */
const unavailable = (name?: string): KeywardError =>
  new KeywardError(
    'audit_unavailable',
    'the audit log did not take the event; try again',
    undefined,
    name === undefined
      ? undefined
      : toOutsideFailure({ service: 'the audit journal', operation: 'append', region: LOCAL_REGION }, { code: name }),
  );
