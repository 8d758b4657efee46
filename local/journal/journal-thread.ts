import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../../lambdas/adapters/system/system-clock';
import { JournalSearches, type AnyAnswer, type JournalSearch } from './journal-searches';
import type { JournalView } from './journal-view';
import type { SegmentDamage } from './segment-index';

/** Input of the thread. */
export interface ThreadInput {
  readonly directory: string;
}

/** A request to the thread. */
export interface ThreadQuestion {
  readonly number: number;
  readonly view: JournalView;
  readonly search: JournalSearch;
}

/** A reply of the thread. */
export type ThreadReport =
  | { readonly number: number; readonly answer: AnyAnswer }
  /** The system's name of the reason. */
  | { readonly number: number; readonly failure: string }
  | { readonly segment: string; readonly damage: SegmentDamage };

const report = (message: ThreadReport): void => {
  parentPort?.postMessage(message);
};

const searches = new JournalSearches({
  directory: (workerData as ThreadInput).directory,
  clock: systemClock,
  onDamage: (segment, damage) => {
    report({ segment, damage });
  },
});

const failureOf = (thrown: unknown): string => {
  const { code } = Object(thrown) as { code?: unknown };
  return typeof code === 'string' ? code : 'unknown';
};

let isVerified = false;

parentPort?.on('message', ({ number, view, search }: ThreadQuestion) => {
  searches.search(view, search).then(
    (answer) => {
      report({ number, answer });
    },
    (thrown: unknown) => {
      report({ number, failure: failureOf(thrown) });
    },
  );
  if (isVerified) return;
  isVerified = true;
  // A failure of the disk is reported to searches.
  searches.verify(view).catch(() => undefined);
});
