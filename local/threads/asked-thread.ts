import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { ROOT } from '../../compile/root';
import type { ThreadMessage, ThreadQuestion } from './answer-questions';

/** Why a question has no answer: the system's name of the reason, and a sentence if what is there cannot be used. */
export class ThreadFailure extends Error {
  constructor(
    readonly code: string,
    readonly sentence?: string,
  ) {
    super('the thread could not answer');
  }
}

export interface AskedThreadOptions<Note> {
  /** Of the thread's program, from the root of the project. */
  readonly file: string;
  readonly workerData: unknown;
  /** Called with what the thread tells without being asked. Left out: it tells nothing. */
  readonly onNote?: (note: Note) => void;
}

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (failure: ThreadFailure) => void;
}

/**
 * A thread that answers questions, many at the same time. The first question starts it; if it ends by itself, the next question
 * starts another. It does not keep the process alive.
 */
export class AskedThread<Question, Note = never> {
  private worker: Worker | undefined;
  private readonly waiting = new Map<number, Waiting>();
  private asked = 0;

  constructor(private readonly options: AskedThreadOptions<Note>) {}

  /**
   * @returns what the thread answers, which the caller knows the type of
   * @throws ThreadFailure also where the thread ends before it has answered
   */
  ask<T>(question: Question): Promise<T> {
    this.worker ??= this.start();
    const { worker } = this;
    this.asked += 1;
    const message: ThreadQuestion<Question> = { number: this.asked, question };
    return new Promise((resolve, reject) => {
      this.waiting.set(message.number, { resolve: resolve as Waiting['resolve'], reject });
      worker.postMessage(message);
    });
  }

  /** Resolves when the thread has ended, wherever it was. Waiting questions are refused. */
  async close(): Promise<void> {
    await this.worker?.terminate();
  }

  private start(): Worker {
    const { file, workerData } = this.options;
    const worker = new Worker(join(ROOT, file), { execArgv: [], workerData });
    worker.unref();
    // Without a listener an error in the thread would be uncaught here; `exit` follows it.
    worker.on('error', () => undefined);
    worker.once('exit', () => {
      this.worker = undefined;
      for (const [number, { reject }] of this.waiting) {
        this.waiting.delete(number);
        reject(new ThreadFailure('the thread ended'));
      }
    });
    worker.on('message', (message: ThreadMessage<Note>) => {
      this.take(message);
    });
    return worker;
  }

  private take(message: ThreadMessage<Note>): void {
    if ('note' in message) {
      this.options.onNote?.(message.note);
      return;
    }
    const waiting = this.waiting.get(message.number);
    this.waiting.delete(message.number);
    if ('failure' in message) waiting?.reject(new ThreadFailure(message.failure, message.sentence));
    else waiting?.resolve(message.answer);
  }
}
