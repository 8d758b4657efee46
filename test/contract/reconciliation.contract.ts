import type { AuditRecord } from '../../lambdas/core/audit/audit-record';
import type { EventPages } from '../../lambdas/core/transparency/ports/event-pages';
import {
  reconciliationMessage,
  type ReconciliationMessage,
  type ReconciliationQueue,
} from '../../lambdas/core/transparency/ports/reconciliation-queue';
import { auditEvent, recordOf } from './audit-events';
import type { Contract, UnderTest } from './contract';

export interface EventPagesUnderTest extends UnderTest<EventPages> {
  /** The provider of the events, of its own for each statement, and the region whose events are read. */
  readonly provider: string;
  readonly region: string;
  readonly append: (records: readonly AuditRecord[]) => Promise<void>;
}

const DAY = '2026-11-21';
const at = (under: EventPagesUnderTest, timestamp: string, change: object = {}): AuditRecord =>
  recordOf(auditEvent({ timestamp, provider: under.provider, region: under.region, ...change }));

/** All events of an hour of a day, part by part and page by page. */
async function read({ port }: EventPagesUnderTest, hour: string): Promise<{ parts: number; ids: string[] }> {
  const parts = await port.parts(hour.slice(0, DAY.length));
  const ids: string[] = [];
  for (const part of parts) {
    let after: string | undefined;
    do {
      const page = await port.page({ part, hour, after });
      ids.push(...page.images.map((image) => (typeof image === 'object' ? image.event.id : String(image))));
      after = page.readTo;
    } while (after !== undefined);
  }
  return { parts: parts.length, ids };
}

export const eventPagesContract: Contract<EventPages, EventPagesUnderTest> = {
  parts: {
    'lists those of a day that have events, in order': async (under) => {
      const { port, append } = under;
      expect(await port.parts(DAY)).toStrictEqual([]);
      await append(['0', '7', 'f'].map((digit) => at(under, `${DAY}T09:00:00.000Z`, { id: digit.repeat(32) })));
      await append([at(under, '2026-11-22T00:00:00.000Z')]);
      const parts = await port.parts(DAY);
      expect(parts).toHaveLength(3);
      expect(parts.toSorted()).toStrictEqual(parts);
    },
    'leaves out no event without a provider': async (under) => {
      await under.append([at(under, '2026-11-23T09:00:00.000Z', { provider: null, id: '3'.repeat(32) })]);
      expect((await read(under, '2026-11-23T09')).ids).toContain('3'.repeat(32));
      expect((await under.port.parts('2026-11-23')).length).toBeGreaterThan(0);
    },
  },
  page: {
    'has the events of an hour from its first millisecond to its last one, whole': async (under) => {
      const { port, append } = under;
      const id = (digit: string): string => `${digit.repeat(31)}0`;
      const within = [
        at(under, `${DAY}T09:00:00.000Z`, { id: id('a') }),
        at(under, `${DAY}T09:59:59.999Z`, { id: id('f') }),
      ];
      await append([
        ...within,
        at(under, `${DAY}T08:59:59.999Z`, { id: id('b') }),
        at(under, `${DAY}T10:00:00.000Z`, { id: id('c') }),
      ]);
      const [part] = await port.parts(DAY);
      const { images } = await port.page({ part: String(part), hour: `${DAY}T09` });
      const expected = within.map(({ nonce, ...event }) => ({ event, nonce }));
      expect(images).toStrictEqual(expected.map((each) => ({ ...each, expiresAt: undefined })));
    },
    'has those of the region alone': async (under) => {
      const mine = at(under, `${DAY}T09:00:00.000Z`);
      await under.append([mine, at(under, `${DAY}T09:00:00.000Z`, { region: 'ap-south-1' })]);
      expect((await read(under, `${DAY}T09`)).ids).toStrictEqual([mine.id]);
      const [part] = await under.port.parts(DAY);
      expect((await under.port.page({ part: String(part), hour: `${DAY}T09` })).readTo).toBeUndefined();
    },
    'goes on where the page before ended, until there are no more': async (under) => {
      const records = Array.from({ length: 9 }, (_, second) =>
        at(under, `${DAY}T09:00:0${second}.000Z`, { id: `${String(second).repeat(31)}0` }),
      );
      await under.append(records);
      const [part] = await under.port.parts(DAY);
      const first = await under.port.page({ part: String(part), hour: `${DAY}T09` });
      expect(first.readTo).toBeDefined();
      expect(await read(under, `${DAY}T09`)).toStrictEqual({ parts: 1, ids: records.map(({ id }) => id) });
    },
  },
};

export interface ReconciliationQueueUnderTest extends UnderTest<ReconciliationQueue> {
  readonly received: () => readonly ReconciliationMessage[];
}

const DAY_MESSAGE = { kind: 'day', day: DAY, age: 2, owed: false, found: 0 } as const;

export const reconciliationQueueContract: Contract<ReconciliationQueue, ReconciliationQueueUnderTest> = {
  send: {
    'brings every message whole, and in a form that is taken': async ({ port, received }) => {
      const place = { hour: 23, part: 'openai#2026-11-21#00', after: '2026-11-21T23:00:00.000Z#a' };
      const messages = [{ kind: 'begin' }, { kind: 'batches' }, { ...DAY_MESSAGE, place }] as const;
      await port.send(messages);
      expect(received()).toStrictEqual(messages);
      for (const each of received()) expect(reconciliationMessage.safeParse(each).success).toBe(true);
    },
    'brings all of them, however many': async ({ port, received }) => {
      await port.send(Array.from({ length: 23 }, (_, found) => ({ ...DAY_MESSAGE, found })));
      expect(received().map((each) => ('found' in each ? each.found : -1))).toStrictEqual([...Array(23).keys()]);
    },
  },
};
