import { AskedThread } from '../threads/asked-thread';
import type { AnyAnswer, JournalSearch } from './journal-searches';
import type { JournalNote, JournalQuestion, JournalThreadInput } from './journal-thread';
import type { JournalView } from './journal-view';
import type { SegmentDamage } from './segment-index';

/** Searches a journal in a separate thread, so that no request waits for it. */
export class SearchingThread {
  private readonly thread: AskedThread<JournalQuestion, JournalNote>;

  constructor(directory: string, onDamage: (segment: string, damage: SegmentDamage) => void) {
    const workerData: JournalThreadInput = { directory };
    this.thread = new AskedThread({
      file: 'local/journal/journal-thread.cjs',
      workerData,
      onNote: ({ segment, damage }) => {
        onDamage(segment, damage);
      },
    });
  }

  /** Throws an error with the system's name of the reason as `code`. */
  search(view: JournalView, search: JournalSearch): Promise<AnyAnswer> {
    return this.thread.ask({ view, search });
  }

  /** Resolves when the thread has ended. Waiting searches are refused. */
  close(): Promise<void> {
    return this.thread.close();
  }
}
