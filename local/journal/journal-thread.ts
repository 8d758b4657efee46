import { workerData } from 'node:worker_threads';
import { systemClock } from '../../lambdas/adapters/system/system-clock';
import { answerQuestions, tellNote } from '../threads/answer-questions';
import { JournalSearches, type JournalSearch } from './journal-searches';
import type { JournalView } from './journal-view';
import type { SegmentDamage } from './segment-index';

/** Input of the thread. */
export interface JournalThreadInput {
  readonly directory: string;
}

export interface JournalQuestion {
  readonly view: JournalView;
  readonly search: JournalSearch;
}

/** What the thread tells without being asked. */
export interface JournalNote {
  readonly segment: string;
  readonly damage: SegmentDamage;
}

const searches = new JournalSearches({
  directory: (workerData as JournalThreadInput).directory,
  clock: systemClock,
  onDamage: (segment, damage) => {
    const note: JournalNote = { segment, damage };
    tellNote(note);
  },
});

let isVerified = false;

answerQuestions(
  ({ view, search }: JournalQuestion) => {
    const answer = searches.search(view, search);
    if (!isVerified) {
      isVerified = true;
      // A failure of the disk is reported to searches.
      searches.verify(view).catch(() => undefined);
    }
    return answer;
  },
  (thrown) => {
    const { code } = Object(thrown) as { code?: unknown };
    return { failure: typeof code === 'string' ? code : 'unknown' };
  },
);
