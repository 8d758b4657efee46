import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { ROOT } from '../../compile/root';
import type { Checked } from '../../lambdas/core/transparency/log-fault';
import type { Published } from '../../lambdas/core/transparency/publish';
import type { EventPlace } from '../journal/event-place';
import type { JournalView } from '../journal/journal-view';
import type { LogCall, LogQuestion, LogReport, LogThreadInput } from './log-thread';

/** Why a call failed: the system's name of the reason, and a sentence if what is there cannot be used. */
export class LogFailure extends Error {
  constructor(
    readonly code: string,
    readonly sentence?: string,
  ) {
    super('the transparency log could not be used');
  }
}

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (failure: LogFailure) => void;
}

/** The calls of a log, in whatever thread. All reject with a {@link LogFailure}. */
export interface LogCalls {
  publish(view: JournalView, expireBefore: string): Promise<Checked<Published>>;
  read(view: JournalView, path: string): Promise<Buffer | undefined>;
  list(view: JournalView, prefix: string): Promise<readonly string[]>;
  page(view: JournalView, prefix: string, after: string, limit: number): Promise<readonly string[]>;
  lineOf(view: JournalView, place: EventPlace): Promise<Buffer | undefined>;
}

/**
 * Runs {@link LogWork} in a thread of its own. The first call starts the thread; if it ends by itself, the next call starts another.
 */
export class LogWorker implements LogCalls {
  private worker: Worker | undefined;
  private readonly waiting = new Map<number, Waiting>();
  private asked = 0;

  constructor(private readonly input: LogThreadInput) {}

  publish(view: JournalView, expireBefore: string): Promise<Checked<Published>> {
    return this.ask('publish', view, expireBefore);
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
  async close(): Promise<void> {
    await this.worker?.terminate();
  }

  private ask<T>(call: LogCall, ...given: readonly unknown[]): Promise<T> {
    this.worker ??= this.start();
    const { worker } = this;
    this.asked += 1;
    const question: LogQuestion = { number: this.asked, call, given };
    return new Promise((resolve, reject) => {
      this.waiting.set(question.number, { resolve: resolve as Waiting['resolve'], reject });
      worker.postMessage(question);
    });
  }

  private start(): Worker {
    const worker = new Worker(join(ROOT, 'local/log/log-thread.cjs'), { execArgv: [], workerData: this.input });
    // The thread does not keep the process alive.
    worker.unref();
    // Without a listener an error in the thread would be uncaught here; `exit` follows it.
    worker.on('error', () => undefined);
    worker.once('exit', () => {
      this.worker = undefined;
      for (const [number, { reject }] of this.waiting) {
        this.waiting.delete(number);
        reject(new LogFailure('the thread ended'));
      }
    });
    worker.on('message', (report: LogReport) => {
      const waiting = this.waiting.get(report.number);
      this.waiting.delete(report.number);
      if ('failure' in report) waiting?.reject(new LogFailure(report.failure, report.sentence));
      else waiting?.resolve(report.answer);
    });
    return worker;
  }
}

/** A message between threads has plain bytes. */
const toBuffer = (bytes: Uint8Array | undefined): Buffer | undefined =>
  bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
