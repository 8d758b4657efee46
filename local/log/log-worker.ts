import type { Checked } from '../../lambdas/core/transparency/log-fault';
import type { Published } from '../../lambdas/core/transparency/publish';
import type { EventPlace } from '../journal/event-place';
import type { JournalView } from '../journal/journal-view';
import { AskedThread } from '../threads/asked-thread';
import type { LogCall, LogQuestion, LogThreadInput } from './log-thread';

/** The calls of a log, in whatever thread. All reject with a `ThreadFailure`. */
export interface LogCalls {
  publish(view: JournalView, expireBefore: string, handOver?: boolean): Promise<Checked<Published>>;
  read(view: JournalView, path: string): Promise<Buffer | undefined>;
  list(view: JournalView, prefix: string): Promise<readonly string[]>;
  page(view: JournalView, prefix: string, after: string, limit: number): Promise<readonly string[]>;
  lineOf(view: JournalView, place: EventPlace): Promise<Buffer | undefined>;
}

/** Runs `LogWork` in a thread of its own. */
export class LogWorker implements LogCalls {
  private readonly thread: AskedThread<LogQuestion>;

  constructor(workerData: LogThreadInput) {
    this.thread = new AskedThread({ file: 'local/log/log-thread.cjs', workerData });
  }

  publish(view: JournalView, expireBefore: string, handOver = false): Promise<Checked<Published>> {
    return this.ask('publish', view, expireBefore, handOver);
  }
  async read(view: JournalView, path: string): Promise<Buffer | undefined> {
    return toBuffer(await this.ask('read', view, path));
  }
  list(view: JournalView, prefix: string): Promise<readonly string[]> {
    return this.ask('list', view, prefix);
  }
  page(view: JournalView, prefix: string, after: string, limit: number): Promise<readonly string[]> {
    return this.ask('page', view, prefix, after, limit);
  }
  async lineOf(view: JournalView, place: EventPlace): Promise<Buffer | undefined> {
    return toBuffer(await this.ask('lineOf', view, place));
  }

  /** Resolves when the thread has ended, wherever it was: what it leaves is finished by the next start. Waiting calls are refused. */
  close(): Promise<void> {
    return this.thread.close();
  }

  private ask<T>(call: LogCall, ...given: readonly unknown[]): Promise<T> {
    return this.thread.ask({ call, given });
  }
}

/** A message between threads has plain bytes. */
const toBuffer = (bytes: Uint8Array | undefined): Buffer | undefined =>
  bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
