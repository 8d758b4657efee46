import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { ROOT } from '../../compile/root';
import type { JournalSearch } from './journal-searches';
import type { AnyAnswer } from './journal-searches';
import type { ThreadInput, ThreadQuestion, ThreadReport } from './journal-thread';
import type { JournalView } from './journal-view';
import type { SegmentDamage } from './segment-index';

/** Why a search failed: the system's name of the reason. */
class SearchFailure extends Error {
  constructor(readonly code: string) {
    super('the journal could not be searched');
  }
}

interface Waiting {
  readonly resolve: (answer: AnyAnswer) => void;
  readonly reject: (failure: SearchFailure) => void;
}

/**
 * Searches a journal in a separate thread, so that no request waits for it. The first search starts the thread; if it ends by
 * itself, the next search starts another.
 */
export class SearchingThread {
  private worker: Worker | undefined;
  private readonly waiting = new Map<number, Waiting>();
  private asked = 0;

  constructor(
    private readonly directory: string,
    private readonly onDamage: (segment: string, damage: SegmentDamage) => void,
  ) {}

  /** Throws an error with the system's name of the reason as `code`. */
  search(view: JournalView, search: JournalSearch): Promise<AnyAnswer> {
    this.worker ??= this.start();
    const { worker } = this;
    this.asked += 1;
    const question: ThreadQuestion = { number: this.asked, view, search };
    return new Promise((resolve, reject) => {
      this.waiting.set(question.number, { resolve, reject });
      worker.postMessage(question);
    });
  }

  /** Resolves when the thread has ended. Waiting searches are refused. */
  async close(): Promise<void> {
    await this.worker?.terminate();
  }

  private start(): Worker {
    const input: ThreadInput = { directory: this.directory };
    const worker = new Worker(join(ROOT, 'local/journal/journal-thread.cjs'), { execArgv: [], workerData: input });
    // The thread does not keep the process alive.
    worker.unref();
    // Without a listener an error in the thread would be uncaught here; `exit` follows it.
    worker.on('error', () => undefined);
    worker.once('exit', () => {
      this.worker = undefined;
      for (const [number, { reject }] of this.waiting) {
        this.waiting.delete(number);
        reject(new SearchFailure('the thread ended'));
      }
    });
    worker.on('message', (report: ThreadReport) => {
      this.take(report);
    });
    return worker;
  }

  private take(report: ThreadReport): void {
    if ('damage' in report) {
      this.onDamage(report.segment, report.damage);
      return;
    }
    const waiting = this.waiting.get(report.number);
    this.waiting.delete(report.number);
    if ('answer' in report) waiting?.resolve(report.answer);
    else waiting?.reject(new SearchFailure(report.failure));
  }
}
