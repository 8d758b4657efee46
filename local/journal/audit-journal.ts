import type { AuditSink } from '../../lambdas/core/audit/ports/audit-log';
import { LOCAL_REGION } from '../../lambdas/core/contract/local-mode';
import { KeywardError } from '../../lambdas/core/errors/errors';
import { toOutsideFailure } from '../../lambdas/core/errors/outside-failure';
import type { Clock } from '../../lambdas/core/ports/clock';
import { storageFailureOf } from '../database/storage-failure';
import { formatEventLine } from './event-line';
import { GroupQueue } from './group-queue';
import type { JournalFiles } from './journal-files';
import { JournalSegments } from './journal-segments';
import { RecentAppends } from './recent-appends';
import { recoverJournal, type SetAside } from './recover-journal';

/** Times are in milliseconds. */
export interface AuditJournalOptions {
  readonly files: JournalFiles;
  readonly clock: Clock;
  /** Hash that the oldest segment follows, where retention has deleted all before it. Left out: nothing was. */
  readonly chainBefore?: string;
  /** An event that is not durable by then is refused, and the journal counts as failed. */
  readonly deadlineMs: number;
  /** Events that may wait; further ones are refused at once. Default 10,000. */
  readonly maxQueued?: number;
  /** Default 64 MiB. */
  readonly segmentBytes?: number;
  /**
   * How long a first event waits for others. Default 0: groups fill by what arrives while one is being written. A wait of 1 ms costs a single
   * connection two thirds of its rate, and saves no processor time with 16 or 64 of them (`npm run bench -- group-commit`).
   */
  readonly fillMs?: number;
  /** Called with the system's name of the reason when it begins to fail, when the reason changes and about once a minute meanwhile; with undefined at the end. */
  readonly onFailure: (name: string | undefined) => void;
  readonly onSetAside: (aside: SetAside) => void;
}

/** The audit log of one data directory, as a process writes it. */
export interface AuditJournal extends AuditSink {
  /** Resolves once no event waits, for a process that appends no more. */
  drain(): Promise<void>;
  /** Refuses what comes, and ends the segment once no event waits. */
  close(): Promise<void>;
  /** The newest segment and how many bytes of it are durable; segments with later names do not exist for a reader. Undefined: there is none. */
  tell(): { readonly segment: string; readonly bytes: number } | undefined;
  /** Whether the segment that is written is at its name. */
  isInPlace(): boolean;
}

const MAX_QUEUED = 10_000;
const SEGMENT_BYTES = 67_108_864;
const GROUP_CHARACTERS = 262_144;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 2_000;
const REMIND_EVERY = 30;

/**
 * Opens a journal for writing, alone: the caller owns the data directory. What an earlier process wrote and never answered is set aside.
 *
 * An append costs no system call of its own: events that come while a group is being written are the next group, which is one write and
 * one sync. After a write or a sync that failed, all appends are refused until the journal has been opened anew behind it, which it tries by itself
 * ({@link JournalSegments.openAnew}): a group that was refused is never shown as one that was answered.
 *
 * @throws what the system throws where the directory cannot be read, or what is to be set aside cannot be kept
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
    // A descriptor that a call of the system still uses must not be closed.
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
      // A disk that does not answer keeps its descriptor until the process ends.
      await within(options.deadlineMs, recovering).then(
        () => segments.close(),
        () => undefined,
      );
    },
    tell: () => segments.tell(),
    isInPlace: () => segments.isInPlace,
  };
}

/** @throws an error with the code ETIMEDOUT where the work takes longer */
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

/** The event is not known to be durable. @param name the system's, of the reason; left out where nothing was tried */
const unavailable = (name?: string): KeywardError =>
  new KeywardError(
    'audit_unavailable',
    'the audit log did not take the event; try again',
    undefined,
    name === undefined
      ? undefined
      : toOutsideFailure({ service: 'the audit journal', operation: 'append', region: LOCAL_REGION }, { code: name }),
  );
