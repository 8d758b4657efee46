import { MINUTE_MS } from '../../lambdas/core/contract/time-units';
import type { AuditReader } from '../../lambdas/core/audit/ports/audit-log';
import type { OpenIntents } from '../../lambdas/core/audit/ports/open-intents';
import { errorNameOf } from '../../lambdas/core/errors/error-names';
import type { Clock } from '../../lambdas/core/ports/clock';
import type { Logger } from '../../lambdas/core/ports/logger';
import type { JournalFiles } from './journal-files';
import { ROWS_BITE, type RowsPage } from './older-rows';
import { countOlderEvents, takeOverEvents, type RowsToTakeOver, type TakeOverDependencies } from './take-over-events';
import { readTakeoverState, writeTakeoverState, type TakeoverState } from './takeover-state';

/** A log that is read until its events are in the journal. */
export type OlderLogReader = Pick<AuditReader, 'query' | 'get'> & OpenIntents;

export interface TakeoverOptions {
  readonly rows: RowsToTakeOver;
  readonly files: JournalFiles;
  /** Reads the same rows. */
  readonly reader: OlderLogReader;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The takeover pauses this many times as long as it works, for others to use processor and database. */
const PAUSE = 3;
const RETRY_AFTER_MS = MINUTE_MS;
/** Interval at which an end is noticed. */
const STEP_MS = 100;

class Stopped extends Error {}

/**
 * Takes the audit events of an older data directory over into the journal, in the background. Until all are in the journal they
 * are read from their rows; then only from the journal, and the rows are erased.
 */
export class Takeover {
  private active = 0;
  private isClosed = false;
  private running: Promise<void> = Promise.resolve();
  private readonly counted: OlderLogReader;

  private constructor(
    private readonly options: TakeoverOptions,
    private state: TakeoverState | undefined,
  ) {
    const { reader } = options;
    this.counted = {
      query: (query) => this.count(() => reader.query(query)),
      get: (place) => this.count(() => reader.get(place)),
      find: (provider, from, to) => this.count(() => reader.find(provider, from, to)),
    };
  }

  /** @throws KeywardError `store_unavailable`, or errors of the system, if it is unknown whether there are such events */
  static async open(options: TakeoverOptions): Promise<Takeover> {
    const { files, rows } = options;
    const state = await readTakeoverState(files);
    if (state !== undefined || (await hasEvents(rows))) return new Takeover(options, state);
    await writeTakeoverState(files, 'erased');
    return new Takeover(options, 'erased');
  }

  /** Returns, synchronously, the log that has to be read beside the journal at present. */
  older(): OlderLogReader | undefined {
    return this.state === undefined ? this.counted : undefined;
  }

  /** Whether no work on an older data directory is left. */
  get isDone(): boolean {
    return this.state === 'erased';
  }

  /** Starts or continues. */
  start(): void {
    this.running = this.run();
  }

  /** Resolves when nothing is running. The next start continues the rest. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.running;
  }

  private async run(): Promise<void> {
    const { logger } = this.options;
    while (this.state !== 'erased') {
      try {
        if (this.state === undefined) await this.takeOver();
        await this.erase();
      } catch (thrown) {
        if (thrown instanceof Stopped) return;
        logger.warn('the takeover of earlier audit events has stopped, and goes on in a minute', {
          error_name: errorNameOf(thrown),
        });
        await this.pause(RETRY_AFTER_MS).catch(() => undefined);
        if (this.isClosed) return;
      }
    }
  }

  private async takeOver(): Promise<void> {
    const { files, rows, logger } = this.options;
    const deps: TakeOverDependencies = { rows, files, bite: (work) => this.bite(work) };
    const log = await countOlderEvents(deps);
    logger.info('taking the audit events of an earlier release over into the journal', { count: log.count });
    if (log.others > 0) {
      logger.warn('rows of the audit table are no events by their keys, and stay where they are', {
        count: log.others,
      });
    }
    const taken = await takeOverEvents(deps, log);
    if (taken < log.count) throw new Error('not all events were there');
    await writeTakeoverState(files, 'taken');
    this.state = 'taken';
    logger.info('the audit events of an earlier release are in the journal; their rows are erased now', {
      count: taken,
    });
  }

  private async erase(): Promise<void> {
    const { files, rows, logger } = this.options;
    while (this.active > 0) await this.pause(STEP_MS);
    let erased = 0;
    let isLeft = true;
    while (isLeft) {
      isLeft = false;
      let start: RowsPage['next'];
      do {
        const page = await this.bite(() => rows.places(start));
        for (let from = 0; from < page.rows.length; from += ROWS_BITE) {
          const some = page.rows.slice(from, from + ROWS_BITE);
          const done = await this.bite(() => rows.erase(some));
          erased += done;
          if (done < some.length) isLeft = true;
        }
        start = page.next;
      } while (start !== undefined);
    }
    await writeTakeoverState(files, 'erased');
    this.state = 'erased';
    logger.info('the rows of the audit events that the journal has taken over are erased', { count: erased });
  }

  private async bite<T>(work: () => Promise<T>): Promise<T> {
    if (this.isClosed) throw new Stopped();
    const { clock } = this.options;
    const startedAt = clock.now();
    const done = await work();
    await this.pause(PAUSE * Math.max(1, clock.now() - startedAt));
    return done;
  }

  private async pause(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= STEP_MS) {
      if (this.isClosed) throw new Stopped();
      await this.options.clock.sleep(Math.min(left, STEP_MS));
    }
  }

  private async count<T>(read: () => Promise<T>): Promise<T> {
    this.active += 1;
    try {
      return await read();
    } finally {
      this.active -= 1;
    }
  }
}

async function hasEvents(rows: RowsToTakeOver): Promise<boolean> {
  let start: RowsPage['next'];
  do {
    const page = await rows.places(start);
    if (page.rows.length > 0) return true;
    start = page.next;
  } while (start !== undefined);
  return false;
}
