import { SearchingThread } from '../../local/journal/searching-thread';
import { createJournalReader, keepLooking } from '../../local/journal/journal-reader';
import { MemoryAudit, TestClock } from '../doubles/memory-ports';
import { WrittenJournal } from '../doubles/written-journal';
import { until } from '../until';
import { auditEvent, newestFirst } from './audit-events';
import { UNAVAILABLE } from './store-under-test';

const PERIOD = { from: '2026-11-21T00:00:00.000Z', to: '2026-11-21T23:59:59.999Z', limit: 100 };

let journal: WrittenJournal;
let thread: SearchingThread;
const damage: string[] = [];
beforeEach(() => {
  journal = new WrittenJournal();
  damage.length = 0;
  thread = new SearchingThread(journal.directory, (segment) => damage.push(segment));
});
afterEach(async () => {
  await thread.close();
  journal.remove();
});

const options = () => ({
  tell: () => journal.end,
  searches: thread,
  older: () => undefined,
  marks: new MemoryAudit(),
  clock: new TestClock(),
});

it('answers from its thread, many at the same time, and tells of damage once', async () => {
  const events = Array.from({ length: 50 }, (_, index) =>
    auditEvent({ provider: `p${index % 5}`, timestamp: `2026-11-21T09:00:${String(index).padStart(2, '0')}.000Z` }),
  );
  const segment = journal.next();
  journal.add(events.slice(0, 10));
  journal.add(events.slice(10));
  journal.edit(segment, (text) => text.toString().replace('test/1.0', 'TEST/1.0'));
  const reader = createJournalReader(options());
  const pages = await Promise.all(
    Array.from({ length: 20 }, (_, index) => reader.query({ ...PERIOD, provider: `p${index % 5}` })),
  );
  for (const [index, page] of pages.entries()) {
    const expected = events.filter(({ provider }) => provider === `p${index % 5}`).sort(newestFirst);
    expect(page.events.map(({ id }) => id)).toStrictEqual(expected.map(({ id }) => id));
    expect(page.events.filter(({ damaged }) => damaged)).toHaveLength(2);
  }
  expect(damage).toStrictEqual([segment]);
});

it('is unavailable where the journal cannot be read, and is there again when it can', async () => {
  journal.add([auditEvent()]);
  const reader = createJournalReader(options());
  await expect(reader.query(PERIOD)).resolves.toMatchObject({ events: [{}] });
  journal.next();
  journal.lose();
  await expect(reader.query(PERIOD)).rejects.toMatchObject(UNAVAILABLE);
  await expect(reader.find('openai', PERIOD.from, PERIOD.to)).rejects.toMatchObject(UNAVAILABLE);
});

it('begins anew with the next search where the thread has ended, and refuses who waited', async () => {
  journal.add([auditEvent()]);
  const reader = createJournalReader(options());
  const waiting = reader.query(PERIOD);
  await Promise.all([expect(waiting).rejects.toMatchObject(UNAVAILABLE), thread.close()]);
  await expect(reader.query(PERIOD)).resolves.toMatchObject({ events: [{}] });
});

it('looks at what comes by itself', async () => {
  const asked: string[] = [];
  const searches = {
    search: async (...[, { kind }]: Parameters<SearchingThread['search']>) => {
      asked.push(kind);
      return undefined;
    },
  };
  const stop = keepLooking({ ...options(), searches });
  journal.add([auditEvent()]);
  await until('it has looked', () => asked.length > 0);
  stop();
  expect(asked).toStrictEqual(['look']);
});
