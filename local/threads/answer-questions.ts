import { parentPort } from 'node:worker_threads';

/** A question to a thread. */
export interface ThreadQuestion<Question> {
  readonly number: number;
  readonly question: Question;
}

/** Why there is no answer: the system's name of the reason, and a sentence if what is there cannot be used. */
export interface NoAnswer {
  readonly failure: string;
  readonly sentence?: string;
}

/** What a thread sends to whoever started it. */
export type ThreadMessage<Note> =
  | { readonly number: number; readonly answer: unknown }
  | ({ readonly number: number } & NoAnswer)
  | { readonly note: Note };

/**
 * Answers in this thread what an `AskedThread` asks.
 *
 * @param answer many run at the same time
 * @param explain gives the reason where it throws
 */
export function answerQuestions(
  answer: (question: never) => Promise<unknown>,
  explain: (thrown: unknown) => NoAnswer,
): void {
  parentPort?.on('message', ({ number, question }: ThreadQuestion<never>) => {
    Promise.resolve(question)
      .then(answer)
      .then(
        (given) => {
          send({ number, answer: given });
        },
        (thrown: unknown) => {
          send({ number, ...explain(thrown) });
        },
      );
  });
}

/** Tells whoever started this thread what nobody asked for. */
export function tellNote(note: unknown): void {
  send({ note });
}

const send = (message: ThreadMessage<unknown>): void => {
  parentPort?.postMessage(message);
};
